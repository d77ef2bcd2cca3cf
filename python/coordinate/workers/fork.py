"""The worker that starts others: each child is a process, which does units for a while."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from typing import Any, Dict, List, Mapping, NoReturn, Optional, Set

from ..settings import get_global_config
from ..work_unit import WorkUnit
from .base import Worker
from .single import LoopWorker, SingleWorker

logger = logging.getLogger(__name__)


class ForkWorker(Worker):
    """Keeps as many children working as it may have, until it is told to stop.

    The block `fork_worker` of its configuration (see `default_config`) says how many: `num_workers`, or `num_workers_per_core`.
    It looks for children that have ended each `poll_interval`, or after `spawn_interval` while it starts them. Each
    `heartbeat_interval` it stops children whose units are no longer theirs, or will not be in `stop_jobs_early` seconds; those units
    fail. Times are in seconds.

    SIGTERM and SIGINT have it start no more children, and end when all have ended; a second one, or SIGABRT, ends it at once.
    """

    config_name = "fork_worker"
    default_config: Dict[str, Any] = {
        "num_workers": None,
        "num_workers_per_core": 1,
        "poll_interval": 1,
        "spawn_interval": 0.01,
        "heartbeat_interval": 15,
        "child_lifetime": 10,
        "stop_jobs_early": 15,
        "debug_worker": None,
    }

    @classmethod
    def config_get(cls, config: Mapping[str, Any], key: str) -> Any:
        """What the block says, or what holds if it does not."""
        return config.get(key, cls.default_config[key])

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        block = config.get(self.config_name) or {}
        cores = os.cpu_count() or 1
        per_core = self.config_get(block, "num_workers_per_core")
        self.num_workers: int = self.config_get(block, "num_workers") or per_core * cores
        self.poll_interval: float = self.config_get(block, "poll_interval")
        self.spawn_interval: float = self.config_get(block, "spawn_interval")
        self.heartbeat_interval: float = self.config_get(block, "heartbeat_interval")
        self.child_lifetime: float = self.config_get(block, "child_lifetime")
        self.stop_jobs_early: float = self.config_get(block, "stop_jobs_early")
        self.debug_worker: List[str] = self.config_get(block, "debug_worker") or []
        self.heartbeat_deadline = time.time() - 1
        self.children: Set[int] = set()
        self.shutting_down = False
        self.last_mode: Optional[str] = None
        self._old_handlers: Dict[int, Any] = {}

    @staticmethod
    def pid_is_alive(pid: int) -> bool:
        """Whether there is such a process."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True

    def set_signal_handlers(self) -> None:
        """Listens to the signals that stop it."""
        for number, stop in (
            (signal.SIGABRT, self.scram),
            (signal.SIGINT, self.stop_gracefully),
            (signal.SIGTERM, self.stop_gracefully),
        ):
            self._old_handlers[number] = signal.signal(number, lambda *_, stop=stop: stop())

    def clear_signal_handlers(self) -> None:
        """Signals are what they were: at the end, and in each child."""
        while self._old_handlers:
            signal.signal(*self._old_handlers.popitem())

    def log(self, level: int, message: str) -> None:
        """Writes to the log."""
        logger.log(level, "%s", message)

    def debug(self, group: str, message: str) -> None:
        """Writes to the log if `debug_worker` names the group: `children` or `loop`; with `stdout` it is printed, too."""
        if group in self.debug_worker:
            if "stdout" in self.debug_worker:
                print(message)
            self.log(logging.DEBUG, message)

    def run(self) -> None:
        """Works until it is told to stop."""
        self.set_signal_handlers()
        try:
            while True:
                self._beat()
                may_start = not self.shutting_down and self.last_mode == self.task_master.RUN
                interval = self.do_some_work(may_start)
                if not self.children and (self.shutting_down or self.last_mode == self.task_master.TERMINATE):
                    return
                time.sleep(interval)
        except Exception:
            logger.critical("the worker ends", exc_info=True)
        finally:
            self.clear_signal_handlers()

    def _beat(self) -> None:
        if time.time() >= self.heartbeat_deadline:
            self.last_mode = self.heartbeat()
            self.heartbeat_deadline = time.time() + self.heartbeat_interval
            self.check_spinning_children()

    def do_some_work(self, can_start_more: bool) -> float:
        """Sees which children have ended, and starts one if it may. Returns seconds until this is to be done again."""
        content = self._reap()
        if not content or not can_start_more or len(self.children) >= self.num_workers:
            return self.poll_interval
        pid = os.fork()
        if pid == 0:
            self.clear_signal_handlers()
            LoopWorker.as_child(get_global_config(), parent=self.worker_id)
        self.debug("children", f"child {pid} was started")
        self.children.add(pid)
        return self.spawn_interval

    def _reap(self) -> bool:
        """Whether all children that have ended since had work and did it."""
        content = True
        for pid in list(self.children):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                ended, status = pid, 0
            if not ended:
                continue
            self.children.remove(pid)
            if os.WIFEXITED(status):
                code = os.WEXITSTATUS(status)
                self.debug("children", f"child {pid} has ended with status {code}")
                if code not in (SingleWorker.EXIT_SUCCESS, SingleWorker.EXIT_BORED):
                    self.log(logging.WARNING, f"child {pid} could not work: status {code}")
                content = content and code == SingleWorker.EXIT_SUCCESS
            else:
                self.log(logging.WARNING, f"child {pid} was ended by signal {os.WTERMSIG(status)}")
                content = False
        return content

    def check_spinning_children(self) -> None:
        """Stops children that have nothing left to do in time."""
        assert self.worker_id is not None
        soon = time.time() + self.stop_jobs_early
        for child, units in self.task_master.get_child_work_units(self.worker_id).items():
            own = [unit for unit in units if unit.worker_id == child]
            if not any(unit.expires is not None and unit.expires > soon for unit in own):
                self._stop_child(child, own)

    def _stop_child(self, child: Any, units: List[WorkUnit]) -> None:
        pid = (self.task_master.get_heartbeat(child) or {}).get("pid")
        if pid not in self.children:
            return
        os.kill(pid, signal.SIGTERM)
        for unit in units:
            if unit.data is not None:
                unit.data["traceback"] = "job expired"
            unit.fail()

    def stop_gracefully(self) -> None:
        """Starts no more children; the second time, ends at once."""
        if self.shutting_down:
            self.scram()
        self.log(logging.INFO, "the worker ends when its children have")
        self.shutting_down = True

    def stop_all_children(self) -> None:
        """Ends all children at once."""
        for pid in self.children:
            try:
                os.kill(pid, signal.SIGTERM)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass

    def scram(self) -> NoReturn:
        """Ends all children, and itself, at once."""
        self.stop_all_children()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sys.exit(2)
