"""Workers that do what they are given in their own process."""

from __future__ import annotations

import cProfile
import logging
import random
import sys
import time
import traceback
from datetime import datetime
from typing import Any, List, Mapping, NoReturn, Optional

from .. import memory
from ..exceptions import LostLease, Name
from ..settings import get_global_config, set_global_config
from ..task_master import TaskMaster
from ..work_unit import WorkUnit
from .base import Worker

logger = logging.getLogger(__name__)


class SingleWorker(Worker):
    """Does one unit, or the units of one claim, each time that it is run.

    `profile` of its configuration has units profiled: those of the specs in `work_specs`, each into a file named by
    `destination`, in which `%(work_spec_name)s`, `%(work_unit_key)s`, `%(ymd)s` and `%(hms)s` stand for what they say.
    """

    #: How the process of a child ends: it did something; it could not ask for work; there was none.
    EXIT_SUCCESS = 0
    EXIT_EXCEPTION = 1
    EXIT_BORED = 2

    def __init__(
        self,
        config: Mapping[str, Any],
        task_master: Optional[TaskMaster] = None,
        work_spec_names: Optional[List[Any]] = None,
        max_jobs: Optional[int] = 1,
    ) -> None:
        super().__init__(config, task_master)
        self.work_spec_names = work_spec_names
        self.max_jobs: Optional[int] = config.get("worker_job_fetch", max_jobs)
        profile = config.get("profile") or {}
        self.profile_work_specs: List[Name] = profile.get("work_specs", [])
        self.profile_destination: Optional[str] = profile.get("destination")

    def run(self, set_title: bool = False) -> bool:
        """See `run_one`."""
        return self.run_one(set_title)

    def run_one(self, set_title: bool = False) -> bool:
        """Claims work and does it. Returns whether there was any, whatever came of it."""
        assert self.worker_id is not None, "only a registered worker may claim work"
        claimed = self.task_master.get_work(
            self.worker_id,
            available_gb=memory.available_bytes() / 2**30,
            work_spec_names=self.work_spec_names,
            max_jobs=self.max_jobs,
        )
        if not claimed:
            logger.info("there is no work to do")
            return False
        for unit in claimed if isinstance(claimed, list) else [claimed]:
            self._run_unit(unit)
        return True

    def _run_unit(self, unit: WorkUnit) -> None:
        profiled = self.profile_destination and unit.work_spec_name in self.profile_work_specs
        profiler = cProfile.Profile() if profiled else None
        try:
            if profiler:
                started = datetime.now()
                profiler.enable()
            unit.run()
            if profiler:
                profiler.disable()
                profiler.dump_stats(self._destination(unit, started))
            unit.finish()
        except LostLease:
            logger.warning("%r is no longer ours", unit.key)
        except Exception as error:
            unit.fail(error)
        finally:
            if profiler:
                profiler.disable()

    def _destination(self, unit: WorkUnit, now: datetime) -> str:
        names = {"work_spec_name": unit.work_spec_name, "work_unit_key": unit.key}
        return str(self.profile_destination) % dict(names, ymd=now.strftime("%Y%m%d"), hms=now.strftime("%H%M%S"))

    @classmethod
    def as_child(cls, global_config: Mapping[str, Any], parent: Optional[Name] = None) -> NoReturn:
        """What a forked process does: works, and ends with a status that says how it went."""
        try:
            random.seed()
            set_global_config(global_config)
            worker = cls(get_global_config("coordinate"))
            worker.register(parent=parent)
            did_work = worker.run()
            worker.unregister()
        except Exception:
            if logging.root.handlers:
                logger.critical("a child could not work", exc_info=True)
            else:
                traceback.print_exc()
            sys.exit(cls.EXIT_EXCEPTION)
        sys.exit(cls.EXIT_SUCCESS if did_work else cls.EXIT_BORED)


class LoopWorker(SingleWorker):
    """Does one unit after the other, for `child_lifetime` of `fork_worker` in the configuration (10 s)."""

    def run(self, set_title: bool = False) -> bool:
        """See `run_loop`."""
        return self.run_loop(set_title)

    def run_loop(self, set_title: bool = False) -> bool:
        """Works until its time is over or there is nothing to do. Returns whether there was, in the end."""
        try:
            lifetime = get_global_config("coordinate", "fork_worker", "child_lifetime")
        except KeyError:
            lifetime = 10
        deadline = time.time() + lifetime
        while True:
            did_work = self.run_one(set_title)
            if not did_work or time.time() >= deadline:
                return did_work
