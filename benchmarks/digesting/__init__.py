"""The parts of `benchmarks.digest`: a scripted engine that misbehaves, and a judge that trusts nothing of the bot."""
