"""What a function may know of the unit that it is called for."""

from __future__ import annotations

from typing import Any, Callable

from .exceptions import CoordinateException, Name


class Retry(CoordinateException):
    """Raised by a task: the unit is to be done again, after so many seconds."""

    def __init__(self, delay: float = 0) -> None:
        super().__init__(delay)
        self.delay = delay


class Fail(CoordinateException):
    """Raised by a task: the unit fails, for good whatever its work spec says of trying again, unless `final` is false.

    `raise Fail() from error` keeps that error as the reason.
    """

    def __init__(self, message: str = "it failed", *, final: bool = True) -> None:
        super().__init__(message)
        self.final = final


class Context:
    """The unit, for a parameter that is named `ctx` or annotated with this class."""

    def __init__(self, spec: str, key: Name, data: Any, is_cancelled: Callable[[], bool]) -> None:
        #: The name of the work spec.
        self.spec = spec
        #: The name of the unit: text, or bytes if it is not UTF-8.
        self.key = key
        #: Its data, as they are in the queue.
        self.data = data
        self._is_cancelled = is_cancelled

    @property
    def cancelled(self) -> bool:
        """Whether the unit is no longer this worker's, or the worker is to end: what the task returns does not count any more."""
        return self._is_cancelled()
