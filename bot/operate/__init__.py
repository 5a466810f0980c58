"""Running the program: time, logs, counters, schedule, shutdown, the doctor, and the documents made from code."""
