"""Running the program: time, logs, counters, shutdown, the doctor, and the documents made from code."""
