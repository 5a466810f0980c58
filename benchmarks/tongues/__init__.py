"""Who writes what in the benchmark of languages, and what others make of it."""
