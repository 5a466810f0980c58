"""Attachments become text or pictures, in a worker process that may die.

`reader.DocumentReader` is what the program uses. Everything that touches a stranger's bytes (`images`, `text`,
`markup`, `pdf`) runs only in the process behind `worker`, which starts quickly because nothing here imports more than
it needs.
"""
