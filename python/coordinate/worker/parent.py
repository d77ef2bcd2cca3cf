"""The worker: one thread, which waits for claims, for its children and for signals at once.

It runs no task itself: so nothing that a task does keeps it from renewing leases, and it can be forked at any time.
"""

from __future__ import annotations

import logging
import os
import selectors
import socket
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from ..outcome import again
from ..workers.base import nice_identifier
from .claims import Claims
from .crew import Crew
from .held import Leases
from .reports import Reports
from .signals import StopSignals

if TYPE_CHECKING:
    from ..app import Coordinate

logger = logging.getLogger("coordinate.worker")


class Worker:
    """Does the units of an application's tasks in so many processes, with so many threads each.

    `lease`: seconds that a unit stays this worker's if all of it dies; renewed at a third of that. `grace`: seconds that what runs has
    when the worker is told to end, before it is given back. `recycle_units`, `recycle_seconds`, `recycle_rss` (bytes): a process that
    has done so many units, is so old or so large is replaced when it has nothing to do. `poll`: the longest pause in seconds between
    two claims, with a daemon that cannot wait for work. A unit whose process dies is given back; the `deaths`th time, it fails.
    """

    def __init__(
        self,
        app: "Coordinate",
        processes: int = 1,
        threads: int = 1,
        *,
        lease: float = 60,
        grace: float = 30,
        recycle_units: Optional[int] = None,
        recycle_seconds: Optional[float] = None,
        recycle_rss: Optional[int] = None,
        poll: float = 1.0,
        heartbeat: float = 15,
        deaths: int = 3,
    ) -> None:
        if processes < 1 or not 1 <= threads <= 256:
            raise ValueError("a worker has at least one process, and each of them 1 to 256 threads")
        self.app = app
        self.worker_id = f"{socket.gethostname()}-{os.getpid()}-{nice_identifier()[:8]}"
        self.lease = lease
        self.grace = grace
        self.poll = poll
        self.heartbeat = heartbeat
        self._crew_options: Dict[str, Any] = dict(
            size=processes, threads=threads, worn=(recycle_units, recycle_seconds, recycle_rss), deaths=deaths
        )
        self._signals = StopSignals()

    def stop(self) -> None:
        """Has `run` end as SIGTERM does; the second time, at once. From any thread."""
        self._signals.stop()

    def run(self, until_idle: bool = False) -> None:
        """Works until SIGTERM, SIGINT or `stop`; or, if it is told so, until there is nothing left to do."""
        for task in self.app.tasks.values():
            self.app.declare(task)
        # Processes that are forked from here share no connection with anybody.
        self.app.client.close()
        # Descriptors come and go with connections; this one keeps none that is gone.
        with self._signals, selectors.PollSelector() as selector:
            _Run(self, selector, until_idle).run()


class _Run:
    """One run of a worker."""

    def __init__(self, worker: Worker, selector: selectors.BaseSelector, until_idle: bool) -> None:
        app = worker.app
        self._worker = worker
        self._signals = worker._signals
        self._selector = selector
        self._until_idle = until_idle
        self._client = app.new_client(timeout=15, retries=0)
        self._leases = Leases(self._client, worker.worker_id, worker.lease)
        self._reporting = app.new_client(timeout=15, retries=0)
        self._reports = Reports(self._reporting, worker.worker_id)
        claiming = app.new_client(timeout=40, retries=0)
        specs = list(app.tasks)
        self._claims = Claims(claiming, worker.worker_id, specs, worker.lease, worker.poll, 0 if until_idle else Claims.WAIT)
        self._crew = Crew(selector, app.tasks, self._reports, worker.worker_id, self._in_child, **worker._crew_options)
        self._next_heartbeat = 0.0
        self._deadline: Optional[float] = None
        self._due: Dict[int, Callable[[], Any]] = {}
        selector.register(self._signals.descriptor, selectors.EVENT_READ, self._signals.taken)

    def _in_child(self) -> None:
        """What a forked process has no business with is closed; then it begins as the application says."""
        self._selector.close()
        self._claims.close()
        self._reporting.close()
        self._client.close()
        self._signals.leave()
        try:
            self._worker.app.start_process()
        except BaseException:
            logger.exception("what is to be done as a process starts has failed")
            raise

    def run(self) -> None:
        logger.info("worker %s begins", self._worker.worker_id)
        try:
            while not self._is_over():
                self._step()
            self._crew.end()
            self._last_reports()
        finally:
            self._crew.kill()
            self._claims.close()
            self._unregister()
            self._reporting.close()
            self._client.close()
        logger.info("worker %s has ended", self._worker.worker_id)

    def _step(self) -> None:
        now = time.monotonic()
        self._follow()
        if self._signals.count and self._deadline is None:
            self._begin_to_end(now)
        if self._deadline is None:
            self._crew.fill()
            self._claim()
        self._crew.give()
        self._crew.look(now)
        self._reports.begin()
        if self._leases.is_time():
            # Leases of what waits to be reported, too: the daemon may have been away for long.
            self._crew.lose(self._leases.renew(self._crew.held() + self._reports.units()))
        self._beat(now)
        self._follow()
        for key, _ in self._selector.select(self._patience()):
            key.data()

    def _follow(self) -> None:
        """Has the selector wait for the answers that are due, over the connections that there are now."""
        hearers = ((self._claims.descriptor, self._take), (self._reports.descriptor, self._reports.settle))
        due: Dict[int, Callable[[], Any]] = {descriptor: hear for descriptor, hear in hearers if descriptor is not None}
        if due == self._due:
            return
        for descriptor in self._due:
            self._selector.unregister(descriptor)
        for descriptor, hear in due.items():
            self._selector.register(descriptor, selectors.EVENT_READ, hear)
        self._due = due

    def _claim(self) -> None:
        if self._claims.descriptor is None:
            wanted = self._crew.wanted
            if wanted > 0:
                self._claims.ask(wanted)

    def _take(self) -> None:
        units = self._claims.take()
        if units is None:
            return
        self._crew.take(units)
        if not units and self._until_idle and not self._crew.held() and not self._reports.waiting and not self._is_work():
            self._signals.stop()

    def _is_work(self) -> bool:
        """Whether there is anything left, for whomever."""
        try:
            counts = self._client.call_all([("count_work_units", [name]) for name in self._worker.app.tasks])
        except OSError:
            return True
        return any(isinstance(count, Exception) or count[0].get(1) or count[0].get(3) for count in counts)

    def _begin_to_end(self, now: float) -> None:
        """Takes nothing more, and gives back what was not begun."""
        self._deadline = now + self._worker.grace
        for unit in self._claims.end() + self._crew.put_down():
            self._reports.report(unit, again())

    def _is_over(self) -> bool:
        if self._signals.count > 1:
            return True
        if self._deadline is None:
            return False
        if not self._crew.held():
            return True
        if time.monotonic() < self._deadline:
            return False
        self._crew.cancel()
        return time.monotonic() > self._deadline + 1

    def _last_reports(self) -> None:
        """What still runs is given back. A daemon that is away is waited for, though not for long."""
        for unit in self._crew.kill():
            self._reports.report(unit, again())
        self._reports.flush(time.monotonic() + (5 if self._signals.count < 2 else 0.5))

    def _beat(self, now: float) -> None:
        if now < self._next_heartbeat:
            return
        self._next_heartbeat = now + self._worker.heartbeat
        about = dict(self._crew.about(), pid=os.getpid(), hostname=socket.gethostname())
        try:
            lifetime = 3 * self._worker.heartbeat
            self._client.call("worker_heartbeat", self._worker.worker_id, "RUN", lifetime, about, None)
        except Exception as error:
            logger.warning("no heartbeat: %s", error)

    def _unregister(self) -> None:
        try:
            self._client.call("worker_unregister", self._worker.worker_id)
        except Exception as error:
            logger.debug("not unregistered: %s", error)

    def _patience(self) -> float:
        """Seconds until something is to be done though nothing has happened."""
        now = time.monotonic()
        times = [1.0, self._leases.next_at(now), self._reports.next_at(now), self._next_heartbeat - now, self._crew.next_at(now)]
        if self._deadline is not None:
            times.append(self._deadline - now if now < self._deadline else 0.05)
        elif self._claims.descriptor is None and self._crew.wanted > 0:
            times.append(self._claims.next_at(now))
        return max(0.0, min(times))
