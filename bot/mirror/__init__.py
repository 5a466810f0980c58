"""Channels side by side: what is said in one is carried over to the others, in their languages (docs/mirrors.md)."""
