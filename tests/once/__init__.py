"""Random histories of one store: processes that die, connections that are lost, people who change their minds."""
