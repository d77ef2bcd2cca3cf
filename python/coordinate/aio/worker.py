"""A worker whose tasks share one event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Deque, Dict, List, Optional, Set, Tuple

from .. import cbor, outcome
from ..context import Context, Retry
from ..exceptions import RemoteError
from ..outcome import Outcome
from ..task import Task
from ..worker.claims import Claims
from ..worker.held import Held, Leases
from ..worker.reports import Reports
from ..workers.base import nice_identifier
from .client import Client

if TYPE_CHECKING:
    from ..app import Coordinate

logger = logging.getLogger("coordinate.worker")


class Worker:
    """Does up to `concurrency` units of an application's tasks at once, in this event loop: async ones; others run in threads.

    Leases are renewed, and outcomes reported, by a thread, so that a task which keeps the loop busy loses nothing. `lease`, `grace`, `poll`
    and `heartbeat` are as for `coordinate.worker.Worker`.
    """

    def __init__(
        self,
        app: "Coordinate",
        concurrency: int = 100,
        *,
        lease: float = 60,
        grace: float = 30,
        poll: float = 1.0,
        heartbeat: float = 15,
    ) -> None:
        self._app = app
        self._concurrency = concurrency
        self._lease = lease
        self._grace = grace
        self._poll = poll
        self._heartbeat = heartbeat
        self.worker_id = f"{socket.gethostname()}-{os.getpid()}-{nice_identifier()[:8]}"
        # Both are used by the loop and by the thread, each change of which is one step of the interpreter.
        self._held: Dict[int, Held] = {}
        self._outcomes: Deque[Tuple[Held, Outcome]] = deque()
        self._finished = threading.Event()
        self._stops = 0
        self._stopping: Optional[asyncio.Event] = None
        self._hurrying: Optional[asyncio.Event] = None
        self._running: Set["asyncio.Task[None]"] = set()
        self._ended: "Optional[asyncio.Future[None]]" = None
        self._pause = 0.01

    def stop(self) -> None:
        """Has `run` take nothing more, and end when what runs has, or `grace` is over; the second time, at once. From the loop's own
        thread."""
        self._stops += 1
        if self._stopping is not None and self._hurrying is not None:
            (self._stopping if self._stops == 1 else self._hurrying).set()

    async def run(self, until_idle: bool = False, signals: bool = True) -> None:
        """Works until SIGTERM, SIGINT (where it may listen to them) or `stop`; or until there is nothing left to do."""
        self._stops = 0
        self._stopping, self._hurrying = asyncio.Event(), asyncio.Event()
        self._app.start_process()
        for task in self._app.tasks.values():
            await asyncio.to_thread(self._app.declare, task)
        if signals and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, self.stop)
        self._finished.clear()
        renewing = threading.Thread(target=self._look_after, daemon=True)
        renewing.start()
        self._threads = ThreadPoolExecutor(self._concurrency)
        claims = self._app.new_aio_client()
        try:
            await self._work(claims, until_idle)
        finally:
            await claims.close()
            await self._end()
            self._threads.shutdown(wait=False)
            self._finished.set()
            await asyncio.to_thread(renewing.join)

    async def _work(self, claims: Client, until_idle: bool) -> None:
        assert self._stopping is not None
        stopping = asyncio.ensure_future(self._stopping.wait())
        claiming: Optional["asyncio.Task[List[Held]]"] = None
        try:
            while not self._stopping.is_set():
                room = self._concurrency - len(self._running)
                if claiming is None and room > 0:
                    claiming = asyncio.ensure_future(self._claim(claims, room, 0 if until_idle else Claims.WAIT))
                # Where there is no room, until one of those that run ends.
                self._ended = asyncio.get_running_loop().create_future()
                waited: Set["asyncio.Future[Any]"] = {stopping, claiming or self._ended}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                if claiming is not None and claiming.done():
                    units, claiming = claiming.result(), None
                    for unit in units:
                        self._begin(unit)
                    idle = until_idle and not units and not self._running and not self._outcomes
                    if idle and not await self._is_work(claims):
                        return
        finally:
            stopping.cancel()
            if claiming is not None:
                await self._take_back(claims, claiming)

    async def _take_back(self, claims: Client, claiming: "asyncio.Task[List[Held]]") -> None:
        """A claim that is still out: it is answered when nothing more is asked, and what it gives is given back."""
        done, _ = await asyncio.wait({claiming}, timeout=Claims.END if claims.end_writing() else 0.3)
        if not done:
            claiming.cancel()
            await asyncio.gather(claiming, return_exceptions=True)
            return
        for unit in claiming.result():
            self._outcomes.append((unit, outcome.again()))

    async def _claim(self, claims: Client, room: int, wait: float) -> List[Held]:
        """What there is to do; nothing, after a while, if that is nothing."""
        asked = time.monotonic()
        try:
            found = await claims.get_work(
                self.worker_id, max_jobs=room, wait=wait, lease_time=self._lease, work_spec_names=list(self._app.tasks)
            )
        except (OSError, RemoteError) as error:
            logger.warning("no work can be claimed: %s", error)
            await claims.close()
            found = []
        now = time.monotonic()
        if found:
            self._pause = 0.01
        elif wait == 0 or now - asked < wait / 2:
            # This daemon does not wait.
            await asyncio.sleep(self._pause)
            self._pause = min(self._poll, self._pause * 1.5)
        expires = (asked if now - asked < 1 else now) + self._lease
        return [Held(spec, key, data, expires) for spec, key, data in found]

    async def _is_work(self, claims: Client) -> bool:
        try:
            counts = await claims.call_all([("count_work_units", [name]) for name in self._app.tasks])
        except OSError:
            return True
        return any(isinstance(c, Exception) or c[0].get(1) or c[0].get(3) for c in counts)

    def _begin(self, unit: Held) -> None:
        self._held[id(unit)] = unit
        running = asyncio.get_running_loop().create_task(self._do(unit))
        self._running.add(running)
        running.add_done_callback(self._note_end)

    def _note_end(self, running: "asyncio.Task[None]") -> None:
        self._running.discard(running)
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    async def _do(self, unit: Held) -> None:
        begun = time.monotonic()
        try:
            made = await self._outcome(unit)
        except asyncio.CancelledError:
            made = outcome.again()
        if self._held.pop(id(unit), None) is not None:
            logger.info("%s %r %s after %.3f s", unit.spec, unit.shown, made.word, time.monotonic() - begun)
            self._outcomes.append((unit, made))

    async def _outcome(self, unit: Held) -> Outcome:
        task = self._app.tasks[unit.spec]
        try:
            return await asyncio.wait_for(self._called(task, unit), task.timeout)
        except asyncio.TimeoutError:
            return outcome.failed(unit.data, f"it took longer than {task.timeout} s\n")

    async def _called(self, task: Task[Any], unit: Held) -> Outcome:
        """What the task makes of the unit, whatever it raises: sys.exit() in a task is an error too, and would end the loop."""
        identity = id(unit)
        context = Context(unit.spec, cbor.text(unit.key), unit.data, lambda: identity not in self._held)
        try:
            if task.is_async:
                returned = await task.run(unit.data, context)
            else:
                returned = await asyncio.get_running_loop().run_in_executor(self._threads, task.run, unit.data, context)
            return outcome.finished(task.result(unit.data, returned))
        except Retry as retry:
            return outcome.again(retry.delay)
        except (Exception, SystemExit) as error:
            return outcome.failed_by(unit.data, error)

    def _look_after(self) -> None:
        """The thread: renews what is held, reports what is done, says that it is alive, and what is lost."""
        client, reporting = (self._app.new_client(timeout=15, retries=0) for _ in range(2))
        leases = Leases(client, self.worker_id, self._lease)
        reports = Reports(reporting, self.worker_id)
        next_beat = 0.0
        while not self._finished.is_set():
            self._hand_over(reports)
            reports.begin()
            reports.settle()
            if leases.is_time():
                for unit in leases.renew(list(self._held.values()) + reports.units()):
                    self._held.pop(id(unit), None)
            if time.monotonic() >= next_beat:
                next_beat = time.monotonic() + self._heartbeat
                self._beat(client)
            time.sleep(0.005)
        self._hand_over(reports)
        # A daemon that is away is waited for, though not for long.
        reports.flush(time.monotonic() + (5 if self._stops < 2 else 0.5))
        try:
            client.call("worker_unregister", self.worker_id)
        except Exception as error:
            logger.debug("not unregistered: %s", error)
        client.close()
        reporting.close()

    def _hand_over(self, reports: Reports) -> None:
        while self._outcomes:
            reports.report(*self._outcomes.popleft())

    def _beat(self, client: Any) -> None:
        about = {"pid": os.getpid(), "hostname": socket.gethostname(), "units": len(self._held)}
        try:
            client.call("worker_heartbeat", self.worker_id, "RUN", 3 * self._heartbeat, about, None)
        except Exception as error:
            logger.warning("no heartbeat: %s", error)

    async def _end(self) -> None:
        """Lets what runs come to its end; what does not in time is cancelled, and given back."""
        assert self._hurrying is not None
        hurrying = asyncio.ensure_future(self._hurrying.wait())
        ends = time.monotonic() + self._grace
        while self._running and not hurrying.done() and time.monotonic() < ends:
            running: Set["asyncio.Future[Any]"] = {hurrying, *self._running}
            await asyncio.wait(running, timeout=ends - time.monotonic(), return_when=asyncio.FIRST_COMPLETED)
        hurrying.cancel()
        left = list(self._running)
        for running_task in left:
            running_task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
