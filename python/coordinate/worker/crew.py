"""The children of a worker, and the units that it has claimed for them."""

from __future__ import annotations

import logging
import math
import selectors
import time
from collections import Counter, deque
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Set, Tuple

from .. import memory
from ..outcome import WORDS, Outcome, again, failed
from ..task import Task
from .held import Held
from .process import Process
from .reports import Reports

logger = logging.getLogger("coordinate.worker")

#: Seconds of work that are claimed ahead, and units, at most.
AHEAD_SECONDS = 0.25
AHEAD_UNITS = 2000
#: Seconds of work that a child gets at once, and units, at most.
BATCH_SECONDS = 0.005
BATCH_UNITS = 100

Worn = Tuple[Optional[int], Optional[float], Optional[int]]


class Crew:
    """Gives units to children, and hands what comes of them to `reports`."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        tasks: Mapping[str, Task[Any]],
        reports: Reports,
        worker_id: str,
        in_child: Callable[[], None],
        *,
        size: int,
        threads: int,
        worn: Worn,
        deaths: int,
    ) -> None:
        self._selector = selector
        self._tasks = tasks
        self._reports = reports
        self._worker_id = worker_id
        self._in_child = in_child
        self._size = size
        self._threads = threads
        self._worn = worn
        self._deaths_allowed = deaths
        self._deaths: "Counter[Tuple[str, Any]]" = Counter()
        self._processes: List[Process] = []
        self._ready: Deque[Held] = deque()
        self._lost: Set[int] = set()
        self._overdue: Dict[int, Held] = {}
        #: Seconds that a unit takes, about.
        self._seconds: Optional[float] = None
        self._next_look = 0.0
        self._next_start = 0.0

    # What is wanted, and what there is

    @property
    def wanted(self) -> int:
        """How many units to claim."""
        room = sum(process.room for process in self._processes)
        ahead = 0
        if self._seconds is not None:
            ahead = min(AHEAD_UNITS, int(self._size * self._threads * AHEAD_SECONDS / max(self._seconds, 1e-6)))
        ready = len(self._ready)
        return room + ahead - ready if ready <= ahead // 2 or room > ready else 0

    def held(self) -> List[Held]:
        """All units whose leases are to be renewed."""
        running = [unit for process in self._processes for unit in process.units.values()]
        return [*self._ready, *(unit for unit in running if id(unit) not in self._lost)]

    def about(self) -> Dict[str, Any]:
        """For heartbeats."""
        children = [
            {"pid": process.pid, "units": len(process.units), "done": process.done, "rss": memory.resident_bytes(process.pid)}
            for process in self._processes
        ]
        return {"children": children, "ready": len(self._ready)}

    def take(self, units: List[Held]) -> None:
        """Has these done when there is room."""
        self._ready.extend(units)

    # Children

    def fill(self) -> None:
        """Starts children until there are as many as there should be."""
        while len(self._processes) < self._size and time.monotonic() >= self._next_start:
            process = Process(self._tasks, self._threads, self._worker_id, self._leave_others)
            self._processes.append(process)
            self._selector.register(process.channel.socket, selectors.EVENT_READ, lambda process=process: self._hear(process))

    def _leave_others(self) -> None:
        for process in self._processes:
            process.channel.close()
        self._in_child()

    def give(self) -> None:
        """Gives what is ready to children that have room."""
        if not self._ready:
            return
        batch = self._batch
        rooms = [process for process in self._processes if process.room > 0 or self._may_add(process, batch)]
        for left, process in zip(range(len(rooms), 0, -1), rooms):
            count = min(batch if batch > 1 else process.room, math.ceil(len(self._ready) / left))
            if count == 0:
                return
            process.give([self._ready.popleft() for _ in range(count)])

    @property
    def _batch(self) -> int:
        """Of units that take no time a child gets many at once."""
        if self._threads > 1 or self._seconds is None:
            return 1
        return min(BATCH_UNITS, max(1, int(BATCH_SECONDS / max(self._seconds, 1e-6))))

    def _may_add(self, process: Process, batch: int) -> bool:
        """Before it has done all of one batch it gets another, so that it does not wait."""
        return batch > 1 and not (process.ending or process.worn) and len(process.units) <= batch // 2

    def _hear(self, process: Process) -> None:
        try:
            results = process.results()
        except EOFError:
            self._bury(process)
            return
        tells = logger.isEnabledFor(logging.INFO)
        for unit, report, seconds in results:
            self._seconds = seconds if self._seconds is None else 0.9 * self._seconds + 0.1 * seconds
            if self._lost and id(unit) in self._lost:
                self._lost.discard(id(unit))
                continue
            if self._deaths:
                self._deaths.pop(unit.name, None)
            if tells:
                logger.info("%s %r %s after %.3f s", unit.spec, unit.shown, WORDS[report.status], seconds)
            self._reports.add(unit, report)
        self._wear(process, rss=process.is_idle)

    def _wear(self, process: Process, rss: bool) -> None:
        """Sees whether a child is to be replaced: it gets nothing more, and ends when it has nothing left. With `rss` its size counts, too."""
        if process.ending:
            return
        units, seconds, size = self._worn
        process.worn = process.worn or process.is_worn(units, seconds, size if rss else None)
        if process.worn and process.is_idle:
            process.end()

    def _bury(self, process: Process) -> None:
        """A child has gone; others do what it had."""
        self._selector.unregister(process.channel.socket)
        self._processes.remove(process)
        cause = process.leave()
        overdue = self._overdue.pop(process.pid, None)
        if cause is not None:
            logger.warning("child %d: %s", process.pid, cause)
            if process.done == 0:
                self._next_start = time.monotonic() + 0.5
        for unit in process.units.values():
            if id(unit) in self._lost:
                self._lost.discard(id(unit))
            elif unit is overdue:
                timeout = self._tasks[unit.spec].timeout
                self._reports.report(unit, failed(unit.data, f"it took longer than {timeout} s, and its process was ended\n"))
            elif overdue is not None or id(unit) not in process.left_running:
                self._ready.appendleft(unit)
            else:
                self._reports.report(unit, self._after_death(unit, cause or "its process ended"))

    def _after_death(self, unit: Held, cause: str) -> Outcome:
        self._deaths[unit.name] += 1
        if self._deaths[unit.name] < self._deaths_allowed:
            return again()
        del self._deaths[unit.name]
        return failed(unit.data, f"{cause}, as it was {self._deaths_allowed - 1} times before\n")

    def look(self, now: float) -> None:
        """Sees which children take too long, and which have become too old or too large while they had nothing to do."""
        for process in self._processes:
            if process.channel.is_sending:
                process.channel.flush()
        if now < self._next_look:
            return
        self._next_look = now + 0.25
        for process in self._processes:
            for unit in process.units.values():
                timeout = self._tasks[unit.spec].timeout
                if timeout is not None and now - unit.given > timeout and process.is_running(unit):
                    self._overdue.setdefault(process.pid, unit)
                    process.kill()
            self._wear(process, rss=True)

    def next_at(self, now: float) -> float:
        """Seconds until there is something to see to."""
        sending = any(process.channel.is_sending for process in self._processes)
        timed = any(process.units for process in self._processes)
        return 0.01 if sending else max(0.0, self._next_look - now) if timed else 1.0

    # Endings

    def lose(self, units: List[Held]) -> None:
        """These are no longer ours."""
        gone = {id(unit) for unit in units}
        if not gone:
            return
        self._ready = deque(unit for unit in self._ready if id(unit) not in gone)
        for process in self._processes:
            for unit in list(process.units.values()):
                if id(unit) in gone and id(unit) not in self._lost:
                    logger.warning("%s %r is no longer ours", unit.spec, unit.shown)
                    self._lost.add(id(unit))
                    process.cancel(unit)

    def put_down(self) -> List[Held]:
        """The units that no child has yet, which nobody here will do any more."""
        units = list(self._ready)
        self._ready.clear()
        return units

    def cancel(self) -> None:
        """Tells all tasks that it is enough."""
        for process in self._processes:
            for unit in list(process.units.values()):
                process.cancel(unit)

    def end(self) -> None:
        """Has children end that have nothing to do."""
        for process in self._processes:
            if process.is_idle and not process.ending:
                process.end()

    def kill(self) -> List[Held]:
        """Ends those that do not end by themselves. Returns the units that they had."""
        units: List[Held] = self.put_down()
        for process in self._processes:
            if not (process.ending and process.is_idle):
                process.kill()
            units += [unit for unit in process.units.values() if id(unit) not in self._lost]
            self._selector.unregister(process.channel.socket)
            process.leave()
        self._processes = []
        return units
