"""Shared by all tests."""

from tests.models.fixtures import tiny_models

__all__ = ["tiny_models"]
