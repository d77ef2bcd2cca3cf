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
from ..outcome import Outcome, Report
from ..task import Task
from .channel import Board, ChildEnd

#: Results of units that take no time are sent together, at least so often (seconds).
_TOGETHER = 0.005


class Child:
    """Does what it is sent: batches of `(slot, spec, key, data)`, answered by batches of `(slot, request, status, delay, seconds)`."""

    def __init__(
        self, end: ChildEnd, board: Board, tasks: Mapping[str, Task[Any]], threads: int, worker_id: str
    ) -> None:
        self._end = end
        self._board = board
        self._tasks = tasks
        self._threads = threads
        self._worker_id = worker_id
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
        tracing = next((task.app.tracing for task in self._tasks.values()), None)
        if tracing is not None:
            tracing.flush()
        os._exit(status)

    def _alone(self) -> None:
        """In the main thread, as some libraries want it."""
        while True:
            batch = self._end.receive()
            if not batch:
                return
            results: List[Any] = []
            begun = before = time.monotonic()
            for unit in batch:
                report = self._done(unit)
                now = time.monotonic()
                results.append((unit[0], *report, now - before))
                before = now
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
            unit = units.get()
            begun = time.monotonic()
            result = (unit[0], *self._done(unit), time.monotonic() - begun)
            with self._sending:
                self._end.send([result])

    def _done(self, unit: Any) -> Report:
        slot, spec, key, data = unit
        self._board.begin(slot)
        report = outcome.reported(self._outcome(self._tasks[spec], slot, key, data), spec, key, data, self._worker_id)
        self._board.end(slot)
        return report

    def _outcome(self, task: Task[Any], slot: int, key: Any, data: Any) -> Outcome:
        try:
            if self._board.is_cancelled(slot):
                return outcome.again()
            context = None
            if task.payload.context is not None or task.app.tracing is not None:
                context = Context(task.name, text(key), data, lambda: self._board.is_cancelled(slot))
            returned = task.run(data, context)
            if task.is_async:
                returned = asyncio.run(returned)
            return outcome.finished(task.result(data, returned))
        except Retry as retry:
            return outcome.again(retry.delay)
        # A task that calls sys.exit() has failed, and is no reason to end the process.
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            return outcome.failed_by(data, error)
