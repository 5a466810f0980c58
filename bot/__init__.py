"""Calanque: a private AI member of a Discord community. The tree is described in docs/architecture.md."""
