"""Engines: how a prompt becomes their bytes, how their bytes become chunks, and how tokens are counted."""
