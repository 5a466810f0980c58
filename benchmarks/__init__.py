"""Measurements of the running program: `python -m benchmarks.NAME [--json]`. They need no engine and no network."""
