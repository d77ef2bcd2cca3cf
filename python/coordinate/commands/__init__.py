"""The command ``coordinate``."""

from .program import main

__all__ = ["main"]
