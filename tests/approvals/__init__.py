"""Approvals: the gate, the asking of people, and private answers."""
