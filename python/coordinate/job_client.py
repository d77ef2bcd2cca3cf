"""`TaskMaster` and `WorkUnit`, under the historic name of their module."""

from __future__ import annotations

from .constants import (
    AVAILABLE,
    BLOCKED,
    FAILED,
    FINISHED,
    IDLE,
    PAUSED,
    PENDING,
    PRI_PRIORITY,
    RUN,
    RUNNABLE,
    TERMINATE,
)
from .exceptions import ProgrammerError
from .task_master import MAX_LEASE_SECONDS, MIN_LEASE_SECONDS, TaskMaster
from .work_unit import WorkUnit
from .workunit_run import run as workunit_run

__all__ = [
    "AVAILABLE",
    "BLOCKED",
    "FAILED",
    "FINISHED",
    "IDLE",
    "MAX_LEASE_SECONDS",
    "MIN_LEASE_SECONDS",
    "PAUSED",
    "PENDING",
    "PRI_PRIORITY",
    "ProgrammerError",
    "RUN",
    "RUNNABLE",
    "TERMINATE",
    "TaskMaster",
    "WorkUnit",
    "workunit_run",
]
