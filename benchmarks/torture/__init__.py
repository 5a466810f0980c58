"""Messages, kills and faults, and the question whether anything was lost or said twice.

`python -m benchmarks.torture --json [--messages 10000] [--kills 500] [--seed N] [--database sqlite|postgres]`

The real program runs as a process between a loopback Discord and an Ollama double, and is killed (SIGKILL) again and
again at moments that are drawn from the seed: while it starts, while it reads back what it missed, when Discord has
received a message of its and when it has shown it and not said so yet, in the middle of an answer. It is started again
at once. People write all the while, the engine refuses and breaks, and of the answers to sends a hundredth is lost.

What is decided from outside: by what stands on Discord at the end and what the database holds. Every question holds a
word that nobody else says, and the engine answers with that word: an answer belongs to one question.
"""
