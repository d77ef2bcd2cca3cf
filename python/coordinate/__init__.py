"""Client and workers of Coordinate, a queue for work.

`Coordinate` is where a program of today begins; `TaskMaster` and what is beside it are the package for Python 2 as it was.
"""

from __future__ import annotations

from .app import Coordinate
from .constants import (
    AVAILABLE,
    BLOCKED,
    FAILED,
    FINISHED,
    IDLE,
    PENDING,
    PRI_GENERATED,
    PRI_PRIORITY,
    PRI_STANDARD,
    RUN,
    TERMINATE,
)
from .context import Context, Fail, Retry
from .exceptions import (
    CoordinateException,
    LostLease,
    NoSuchWorkSpecError,
    NoSuchWorkUnitError,
    PendingError,
    ProgrammerError,
    RemoteError,
)
from .task_master import TaskMaster
from .version import __version__
from .work_unit import WorkUnit

#: The block of the configuration that is this package's.
config_name = "coordinate"

__all__ = [
    "AVAILABLE",
    "BLOCKED",
    "Context",
    "Coordinate",
    "CoordinateException",
    "FAILED",
    "FINISHED",
    "Fail",
    "IDLE",
    "LostLease",
    "NoSuchWorkSpecError",
    "NoSuchWorkUnitError",
    "PENDING",
    "PendingError",
    "PRI_GENERATED",
    "PRI_PRIORITY",
    "PRI_STANDARD",
    "ProgrammerError",
    "RUN",
    "RemoteError",
    "Retry",
    "TERMINATE",
    "TaskMaster",
    "WorkUnit",
    "__version__",
    "config_name",
]
