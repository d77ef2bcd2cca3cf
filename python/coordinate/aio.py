"""The queue for asyncio: a client whose calls run side by side, and a worker that does very many async tasks at once."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Deque, Dict, List, Optional, Tuple

from . import cbor, outcome
from .base_client import _request, _result
from .connection import parse_address
from .context import Context, Retry
from .exceptions import RemoteError
from .outcome import Outcome
from .worker.held import Held, Leases
from .workers.base import nice_identifier

if TYPE_CHECKING:
    from .app import Coordinate

logger = logging.getLogger("coordinate.worker")

#: The tag, and the first byte of the byte string.
_HEAD_BYTES = 3


class Client:
    """Calls methods of the daemon. Calls that are made together travel together; answers come in the order of the calls."""

    def __init__(self, address: str = "127.0.0.1:5932", timeout: float = 30) -> None:
        self._address = parse_address(address)
        self._timeout = timeout
        self._number = 0
        self._waiting: Deque["asyncio.Future[Any]"] = deque()
        self._writer: Optional[asyncio.StreamWriter] = None
        self._reading: Optional["asyncio.Task[None]"] = None
        self._opening: Optional[asyncio.Lock] = None

    async def call(self, method: str, *params: Any) -> Any:
        """The result of a method; a `RemoteError` if the daemon refuses it, an OSError if it goes away before it answers."""
        writer = await self._connected()
        self._number += 1
        answer: "asyncio.Future[Any]" = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        writer.write(cbor.wrapped(_request(self._number, method, params)))
        await writer.drain()
        try:
            return await asyncio.wait_for(answer, self._timeout)
        except asyncio.TimeoutError:
            # Its answer may come yet, and would be taken for that of another call.
            await self.close()
            raise ConnectionError(f"no answer to {method} in {self._timeout} s") from None

    async def _connected(self) -> asyncio.StreamWriter:
        if self._opening is None:
            # Made here, for Python 3.9 has a lock belong to the loop in which it is made.
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._writer is not None:
                return self._writer
            reader, writer = await asyncio.wait_for(asyncio.open_connection(*self._address), self._timeout)
            self._writer = writer
            self._reading = asyncio.create_task(self._read(reader))
            return writer

    async def _read(self, reader: asyncio.StreamReader) -> None:
        error: Exception = ConnectionResetError("the daemon has closed the connection")
        try:
            while True:
                head = await reader.readexactly(_HEAD_BYTES)
                small = head[2] & 0x1F
                length = small if small < 24 else int.from_bytes(await reader.readexactly(1 << (small - 24)), "big")
                self._settle(cbor.text_keys(cbor.loads(await reader.readexactly(length))))
        except (OSError, EOFError) as broken:
            error = broken if isinstance(broken, OSError) else error
        finally:
            self._writer = None
            while self._waiting:
                answer = self._waiting.popleft()
                if not answer.done():
                    answer.set_exception(error)

    def _settle(self, message: Any) -> None:
        answer = self._waiting.popleft()
        if answer.done():
            return
        try:
            answer.set_result(_result(message))
        except RemoteError as error:
            answer.set_exception(error)

    async def close(self) -> None:
        """Closes the connection; what is not answered yet fails."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.close()


class Worker:
    """Does up to `concurrency` units of an application's tasks at once, in this event loop: async ones; others run in threads.

    Leases are renewed, and outcomes reported, by a thread, so that a task which keeps the loop busy loses nothing.
    """

    def __init__(
        self, app: "Coordinate", concurrency: int = 100, *, lease: float = 60, grace: float = 30, poll: float = 1.0
    ) -> None:
        self._app = app
        self._concurrency = concurrency
        self._grace = grace
        self._poll = poll
        self.worker_id = f"{socket.gethostname()}-{os.getpid()}-{nice_identifier()[:8]}"
        self._leases = Leases(app.new_client(timeout=15, retries=0), self.worker_id, lease)
        # Both are used by the loop and by the thread, each change of which is one step of the interpreter.
        self._held: Dict[int, Held] = {}
        self._outcomes: Deque[Tuple[Held, Outcome]] = deque()
        self._finished = threading.Event()
        self._stopping: Optional[asyncio.Event] = None
        self._running: Dict["asyncio.Task[None]", int] = {}

    def stop(self) -> None:
        """Has `run` take nothing more, and end when what runs has, or `grace` is over. From the loop's own thread."""
        if self._stopping is not None:
            self._stopping.set()

    async def run(self, until_idle: bool = False, signals: bool = True) -> None:
        """Works until SIGTERM, SIGINT (where it may listen to them) or `stop`; or until there is nothing left to do."""
        self._stopping = asyncio.Event()
        for task in self._app.tasks.values():
            await asyncio.to_thread(self._app.declare, task)
        if signals and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, self.stop)
        self._finished.clear()
        renewing = threading.Thread(target=self._look_after, daemon=True)
        renewing.start()
        claims = self._app.new_client(timeout=40, retries=0)
        try:
            await self._work(claims, until_idle)
        finally:
            claims.close()
            await self._end()
            self._finished.set()
            await asyncio.to_thread(renewing.join)
            self._leases.close()

    async def _work(self, claims: Any, until_idle: bool) -> None:
        assert self._stopping is not None
        pause = 0.01
        while not self._stopping.is_set():
            room = self._concurrency - len(self._running)
            units = await asyncio.to_thread(self._claim, claims, room) if room > 0 else []
            for unit in units:
                self._begin(unit)
            pause = 0.01 if units else min(self._poll, pause * 1.5)
            if until_idle and not units and not self._running and not await asyncio.to_thread(self._is_work, claims):
                return
            if not units or len(self._running) >= self._concurrency:
                await self._rest(pause)

    async def _rest(self, pause: float) -> None:
        """Until there is room, or it may be asked again."""
        assert self._stopping is not None
        stopping = asyncio.ensure_future(self._stopping.wait())
        full = len(self._running) >= self._concurrency
        waited = {*self._running, stopping} if full else {stopping}
        await asyncio.wait(waited, timeout=None if full else pause, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()

    def _claim(self, claims: Any, room: int) -> List[Held]:
        options = {"lease_time": self._leases.lease, "max_jobs": max(2, room), "work_spec_names": list(self._app.tasks)}
        if room == 1:
            options["max_jobs"] = 1
        asked = time.monotonic()
        try:
            answer = claims.call("get_work", self.worker_id, dict(options, runtimes=["", "python_3", "python_2"]))[0]
        except (OSError, RemoteError) as error:
            logger.warning("no work can be claimed: %s", error)
            return []
        if isinstance(answer, tuple):
            answer = [answer] if answer[1] is not None else []
        return [Held(cbor.text(spec), key, data, asked + self._leases.lease) for spec, key, data in answer]

    def _is_work(self, claims: Any) -> bool:
        try:
            counts = claims.call_all([("count_work_units", [name]) for name in self._app.tasks])
        except OSError:
            return True
        return any(isinstance(c, Exception) or c[0].get(1) or c[0].get(3) for c in counts)

    def _begin(self, unit: Held) -> None:
        self._held[id(unit)] = unit
        running = asyncio.get_running_loop().create_task(self._do(unit))
        self._running[running] = id(unit)
        running.add_done_callback(lambda done: self._running.pop(done, None))

    async def _do(self, unit: Held) -> None:
        try:
            made = await self._outcome(unit)
        except asyncio.CancelledError:
            made = outcome.again()
        if self._held.pop(id(unit), None) is not None:
            self._outcomes.append((unit, made))

    async def _outcome(self, unit: Held) -> Outcome:
        task = self._app.tasks[unit.spec]
        identity = id(unit)
        context = Context(unit.spec, cbor.text(unit.key), unit.data, lambda: identity not in self._held)
        try:
            if task.is_async:
                returned = await asyncio.wait_for(task.run(unit.data, context), task.timeout)
            else:
                returned = await asyncio.to_thread(task.run, unit.data, context)
            result = task.result(unit.data, returned)
            if result is not None:
                cbor.dumps(result)
            return outcome.finished(result)
        except Retry as retry:
            return outcome.again(retry.delay)
        except Exception as error:
            return outcome.failed_by(unit.data, error)

    def _look_after(self) -> None:
        """The thread: renews what is held, reports what is done, and says what is lost."""
        ended_at: Optional[float] = None
        while True:
            ended = self._finished.is_set()
            while self._outcomes:
                self._leases.report(*self._outcomes.popleft())
            self._leases.flush()
            for unit in self._leases.renew(list(self._held.values())):
                self._held.pop(id(unit), None)
            if ended:
                # A daemon that is away is waited for, though not for long.
                ended_at = ended_at or time.monotonic()
                if not self._leases.waiting or time.monotonic() > ended_at + 5:
                    return
            time.sleep(0.005)

    async def _end(self) -> None:
        """Lets what runs come to its end; what does not in time is cancelled, and given back."""
        if self._running:
            await asyncio.wait(list(self._running), timeout=self._grace)
        left: Tuple["asyncio.Task[None]", ...] = tuple(self._running)
        for running in left:
            running.cancel()
        await asyncio.gather(*left, return_exceptions=True)
