"""Replays of real chat logs on a virtual clock: what an engine evaluates for us and for what people would write."""
