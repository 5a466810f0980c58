"""The loop that asks the model, carries out its calls and asks again, and the toolbox it calls from."""
