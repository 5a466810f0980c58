"""A year of scheduled digests in a few minutes: what is planned, the process that is killed, and who judges it."""
