"""A child as its worker sees it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Set, Tuple

from .. import memory
from ..outcome import Report
from ..task import Task
from .channel import SLOTS, Board, Channel, ChildEnd
from .child import Child
from .held import Held


class Process:
    """A forked process, and the units that it has."""

    def __init__(
        self, tasks: Mapping[str, Task[Any]], threads: int, worker_id: str, in_child: Callable[[], None]
    ) -> None:
        ours, theirs = socket.socketpair()
        self.board = Board()
        self.threads = threads
        self.started = time.monotonic()
        self.done = 0
        self.units: Dict[int, Held] = {}
        #: It was told to end when it has nothing to do any more.
        self.ending = False
        #: It gets nothing more: another is to take its place.
        self.worn = False
        #: The units that it was doing when it was gone, by identity.
        self.left_running: Set[int] = set()
        self._free = list(range(SLOTS))
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                ours.close()
                in_child()
                Child(ChildEnd(theirs), self.board, tasks, threads, worker_id).run()
            finally:
                os._exit(1)
        theirs.close()
        self.channel = Channel(ours)

    @property
    def is_idle(self) -> bool:
        return not self.units

    @property
    def room(self) -> int:
        """How many more units it could begin now."""
        return 0 if self.ending or self.worn else max(0, self.threads - len(self.units))

    def give(self, units: List[Held]) -> None:
        """Has it do these units, one after the other in each of its threads."""
        message = []
        now = time.monotonic()
        free, clear, own = self._free, self.board.clear, self.units
        for unit in units:
            slot = free.pop()
            clear(slot)
            own[slot] = unit
            unit.given = now
            message.append((slot, unit.spec, unit.key, unit.data))
        self.channel.send(message)

    def results(self) -> List[Tuple[Held, Report, float]]:
        """The units that it has done since, with the report and the seconds of each; an EOFError if it has gone."""
        found = []
        for message in self.channel.receive():
            for slot, request, status, delay, seconds in message:
                self._free.append(slot)
                found.append((self.units.pop(slot), Report(request, status, delay), seconds))
            self.done += len(message)
        if found:
            # What is still there could not begin before.
            now = time.monotonic()
            for unit in self.units.values():
                unit.given = now
        return found

    def cancel(self, unit: Held) -> None:
        """Tells the task that its result does not count any more."""
        for slot, held in self.units.items():
            if held is unit:
                self.board.cancel(slot)

    def is_running(self, unit: Held) -> bool:
        return any(held is unit and self.board.is_running(slot) for slot, held in self.units.items())

    def is_worn(self, units: Optional[int], seconds: Optional[float], rss: Optional[int]) -> bool:
        """Whether it has done so many units, is so old, or so large (bytes), that a new one is to take its place."""
        if units is not None and self.done >= units:
            return True
        if seconds is not None and time.monotonic() - self.started >= seconds:
            return True
        return rss is not None and (memory.resident_bytes(self.pid) or 0) > rss

    def end(self) -> None:
        """Has it end when it has done what it has."""
        self.ending = True
        self.channel.send([])

    def kill(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def leave(self) -> Optional[str]:
        """After it has gone: what it died of, None if it ended in good order. Its units are those that it never finished."""
        self.channel.close()
        self.left_running = {id(unit) for slot, unit in self.units.items() if self.board.is_running(slot)}
        self.board.close()
        status = os.waitpid(self.pid, 0)[1]
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return f"its process was ended by signal {number} ({signal.Signals(number).name})"
        return None if status == 0 else f"its process ended with status {os.WEXITSTATUS(status)}"
