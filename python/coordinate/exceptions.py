"""What goes wrong, by name."""

from __future__ import annotations

from typing import Optional, Union

Name = Union[str, bytes]


class CoordinateException(Exception):
    """The base of all of them."""


class ProgrammerError(CoordinateException):
    """The program asks for what cannot be, such as a work spec without a name."""


class LostLease(CoordinateException):
    """The work unit is no longer this worker's: its lease has run out, or it was taken away."""


class NoSuchWorkSpecError(CoordinateException):
    """There is no work spec of that name."""

    def __init__(self, work_spec_name: Optional[Name] = None) -> None:
        super().__init__(work_spec_name)
        self.work_spec_name = work_spec_name


class NoSuchWorkUnitError(CoordinateException):
    """There is no work unit of that name in its work spec."""

    def __init__(self, work_unit_name: Optional[Name] = None) -> None:
        super().__init__(work_unit_name)
        self.work_unit_name = work_unit_name


class PendingError(CoordinateException):
    """Somebody is working on the unit."""

    def __init__(self, work_unit_name: Optional[Name] = None) -> None:
        super().__init__(work_unit_name)
        self.work_unit_name = work_unit_name


class RemoteError(CoordinateException):
    """The daemon could not carry a method out. Its message says why."""


class Unsupported(CoordinateException):
    """The daemon is too old for what is asked of it."""
