"""Tests of the local page over real sockets."""
