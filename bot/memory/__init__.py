"""What the model sees: how a question reads, which pieces make the prompt, and where it is cut."""
