"""The real program, killed at each moment at which something it does becomes true outside of it.

`python -m tests.failpoints.all` counts the moments of one scenario and then dies at each of them, `--every K` at every
K-th, `--first N` from the N-th on. `--scenario reminders` is about what is planned, `--scenario support` about a
question that is left to a person, `--database postgres` keeps it on a server. A moment is the time just before or just
after a durable write, a request to Discord that changes something, or a request to the engine.
`points` numbers them inside the process; `__main__` is the process.
"""
