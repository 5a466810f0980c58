"""Small real models, written by the tests that need them."""
