"""Workers of today's API: processes that do units for tasks, and one that claims, renews and reports for them."""

from .parent import Worker

__all__ = ["Worker"]
