"""Support channels: what is answered there, and what is left to a person."""
