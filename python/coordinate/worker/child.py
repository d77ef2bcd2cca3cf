"""The process in which tasks run."""

from __future__ import annotations

import asyncio
import os
import queue
import random
import signal
import threading
import time
from typing import Any, List, Mapping, NoReturn

from .. import outcome
from ..cbor import text
from ..context import Context, Retry
from ..outcome import Outcome
from ..task import Task
from .channel import Board, ChildEnd

#: Results of units that take no time are sent together, at least so often (seconds).
_TOGETHER = 0.005


class Child:
    """Does what it is sent: batches of `[slot, spec, key, data]`, answered by batches of `[slot, status, data, delay, seconds]`."""

    def __init__(self, end: ChildEnd, board: Board, tasks: Mapping[str, Task[Any]], threads: int) -> None:
        self._end = end
        self._board = board
        self._tasks = tasks
        self._threads = threads
        self._sending = threading.Lock()

    def run(self) -> NoReturn:
        """Works until the worker says that it is enough, or has gone."""
        # A signal for the whole group is the worker's business.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        random.seed()
        status = 0
        try:
            self._in_threads() if self._threads > 1 else self._alone()
        except (EOFError, OSError):
            status = 1
        os._exit(status)

    def _alone(self) -> None:
        """In the main thread, as some libraries want it."""
        while True:
            batch = self._end.receive()
            if not batch:
                return
            results: List[Any] = []
            begun = time.monotonic()
            for unit in batch:
                results.append(self._done(unit))
                now = time.monotonic()
                if now - begun > _TOGETHER:
                    self._end.send(results)
                    results, begun = [], now
            if results:
                self._end.send(results)

    def _in_threads(self) -> None:
        units: "queue.SimpleQueue[Any]" = queue.SimpleQueue()
        for _ in range(self._threads):
            threading.Thread(target=self._work, args=(units,), daemon=True).start()
        while True:
            batch = self._end.receive()
            if not batch:
                return
            for unit in batch:
                units.put(unit)

    def _work(self, units: "queue.SimpleQueue[Any]") -> None:
        while True:
            result = self._done(units.get())
            with self._sending:
                self._end.send([result])

    def _done(self, unit: List[Any]) -> List[Any]:
        slot, spec, key, data = unit
        self._board.begin(slot)
        begun = time.monotonic()
        made = self._outcome(self._tasks[spec], slot, key, data)
        self._board.end(slot)
        return [slot, made.status, made.data, made.delay, time.monotonic() - begun]

    def _outcome(self, task: Task[Any], slot: int, key: Any, data: Any) -> Outcome:
        context = Context(task.name, text(key), data, lambda: self._board.is_cancelled(slot))
        try:
            if context.cancelled:
                return outcome.again()
            returned = task.run(data, context)
            if task.is_async:
                returned = asyncio.run(returned)
            result = task.result(data, returned)
            if result is not None:
                encodable(result)
            return outcome.finished(result)
        except Retry as retry:
            return outcome.again(retry.delay)
        # A task that calls sys.exit() has failed, and is no reason to end the process.
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            return outcome.failed_by(data, error)


def encodable(result: Any) -> None:
    """What a task returns goes into the queue: what cannot is the task's error, with its traceback."""
    from ..cbor import dumps

    dumps(result)
