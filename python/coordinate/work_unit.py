"""A work unit in the hands of a worker."""

from __future__ import annotations

import traceback
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Dict, Optional

from .constants import AVAILABLE, FAILED, FINISHED, MAX_LEASE_SECONDS
from .exceptions import Name
from .workunit_run import run as workunit_run

if TYPE_CHECKING:
    from .task_master import TaskMaster


class WorkUnit:
    """What a worker's function is called with.

    The function reads and changes `data`, a map; `data["output"]` makes units of the spec that `then` of this one names.
    """

    def __init__(
        self,
        taskmaster: Optional["TaskMaster"],
        work_spec_name: Name,
        key: Name,
        data: Any,
        worker_id: Optional[Name] = None,
        expires: Optional[float] = None,
        default_lease_time: float = 900,
    ) -> None:
        #: Who it is reported to.
        self.taskmaster = taskmaster
        self.work_spec_name = work_spec_name
        #: Its name.
        self.key = key
        self.data = data
        #: The worker that has it.
        self.worker_id = worker_id
        #: Unix seconds at which its lease ends, where that is known.
        self.expires = expires
        #: Seconds that `update` asks for if it is not told.
        self.default_lease_time = default_lease_time
        self._spec_cache: Optional[Dict[str, Any]] = None
        self._old_data = deepcopy(data)

    def __str__(self) -> str:
        return f"work unit {self.work_spec_name!r} {self.key!r} {self.data!r}"

    def __repr__(self) -> str:
        return (
            f"WorkUnit(work_spec_name={self.work_spec_name!r}, key={self.key!r}, worker_id={self.worker_id!r}, "
            f"expires={self.expires}, default_lease_time={self.default_lease_time}, data={self.data!r})"
        )

    @property
    def spec(self) -> Dict[str, Any]:
        """Its work spec, read when it is first needed."""
        if self._spec_cache is None and self.taskmaster is not None:
            self._spec_cache = self.taskmaster.get_work_spec(self.work_spec_name)
        assert self._spec_cache is not None, f"there is no work spec {self.work_spec_name!r} (of the unit {self.key!r})"
        return self._spec_cache

    @spec.setter
    def spec(self, value: Optional[Dict[str, Any]]) -> None:
        self._spec_cache = value

    def update(self, lease_time: Optional[float] = None) -> bool:
        """Renews the lease, to so many seconds from now, and stores the data. False: the unit is no longer this worker's."""
        if lease_time is None:
            lease_time = self.default_lease_time
        return self._do_update(lease_time=min(lease_time, MAX_LEASE_SECONDS))

    def finish(self) -> bool:
        """Reports it done."""
        return self._do_update(status=FINISHED)

    def fail(self, exc: Any = None) -> bool:
        """Reports that it failed, with the traceback of what is being handled, or with `exc` itself."""
        if exc:
            handled = traceback.format_exc()
            self.data["traceback"] = str(exc) if handled == "NoneType: None\n" else handled
        return self._do_update(status=FAILED)

    def retry(self) -> bool:
        """Gives it back, to be done again."""
        return self._do_update(status=AVAILABLE, lease_time=0)

    def run(self) -> Any:
        """Runs the function that the work spec names, and returns what it returns."""
        return workunit_run(self, self.spec)

    def _do_update(self, **change: Any) -> bool:
        assert self.taskmaster is not None, "a unit without a TaskMaster cannot be reported"
        if self.data != self._old_data:
            change["data"] = self.data
        done = self.taskmaster.update_work_unit(self.work_spec_name, self.key, worker_id=self.worker_id, **change)
        if "data" in change:
            self._old_data = deepcopy(self.data)
        return done
