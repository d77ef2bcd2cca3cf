"""A client whose calls run side by side."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import Any, Deque, Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Union

from .. import cbor
from ..base_client import Call, _present, _request, _result, results_of
from ..connection import Tls, must_stay_here, parse_address, tls_context
from ..exceptions import Name, RemoteError, Unsupported
from ..interventions import cancel_options, cancelled, see_edited
from ..version import __version__

#: The tag, and the first byte of the byte string.
_HEAD_BYTES = 3


class Client:
    """Calls methods of the daemon, at one of its addresses. Calls that are made together travel together; answers come in the order of
    the calls. The arguments are those of `Coordinate`. It belongs to one event loop."""

    def __init__(
        self,
        address: Union[str, List[str]] = "127.0.0.1:5932",
        timeout: float = 30,
        *,
        token: Optional[str] = None,
        namespace: Optional[str] = None,
        insecure: bool = False,
        tls: Tls = None,
    ) -> None:
        self._addresses = [parse_address(each) for each in ([address] if isinstance(address, str) else address)]
        if token is not None and not insecure and not tls:
            for each in self._addresses:
                must_stay_here(each)
        self._tls = tls_context(tls)
        self._hello = _present({"token": token, "namespace": namespace, "client": f"coordinate-client {__version__}"})
        self._timeout = timeout
        self._number = 0
        self._waiting: Deque["asyncio.Future[Any]"] = deque()
        self._writer: Optional[asyncio.StreamWriter] = None
        self._reading: Optional["asyncio.Task[None]"] = None
        self._opening: Optional[asyncio.Lock] = None
        #: What the daemon can do that older ones do not know; empty before the first call.
        self.features: FrozenSet[str] = frozenset()

    async def call(self, method: str, *params: Any, timeout: Optional[float] = None) -> Any:
        """The result of a method; a `RemoteError` if the daemon refuses it, an OSError if it goes away before it answers."""
        writer = await self._connected()
        self._number += 1
        request = cbor.wrapped(_request(self._number, method, params))
        return _result(cbor.text_keys(await self._exchange(writer, request, method, timeout)))

    async def call_all(self, calls: Sequence[Call]) -> List[Any]:
        """The results of many calls, in one message each way: of each that is refused, the `RemoteError`."""
        if not calls:
            return []
        writer = await self._connected()
        message = cbor.requests([cbor.request(method, list(params)) for method, params in calls])
        return results_of(await self._exchange(writer, message, "a list of calls", None), len(calls))

    async def get_work(
        self, worker_id: Name, *, max_jobs: int = 1, wait: float = 0, lease_time: float = 60, **options: Any
    ) -> List[Any]:
        """Claims work: tuples of spec, name and data, in a list that is empty if there is none.

        `wait`: seconds that the daemon is to wait for some, 60 at most; an older one answers at once. Calls that are made meanwhile are
        answered after this one, so that a client which waits is best one of its own. `work_spec_names`, `runtimes`: of these only.
        """
        asked = dict(_present(options), max_jobs=max_jobs, lease_time=lease_time, wait=wait)
        asked.setdefault("runtimes", ["", "python_3", "python_2"])
        answer = (await self.call("get_work", worker_id, asked, timeout=self._timeout + wait))[0]
        if isinstance(answer, tuple):
            answer = [answer] if answer[1] is not None else []
        return [(cbor.text(spec), key, data) for spec, key, data in answer]

    async def cancel_work_units(
        self,
        spec: str,
        keys: Optional[Iterable[Name]] = None,
        *,
        worker_id: Optional[Name] = None,
        all: bool = False,
        reason: Optional[str] = None,
        release: bool = False,
    ) -> int:
        """Takes units from those who work on them, as `coordinate.client.Client.cancel_work_units` does. How many."""
        options = cancel_options(keys, worker_id, all, reason, release)
        return cancelled(await self.call("cancel_work_units", spec, options), spec)

    async def edit_work_unit(self, spec: str, key: Name, data: Mapping[Any, Any]) -> None:
        """Gives a unit other data, as `coordinate.client.Client.edit_work_unit` does."""
        see_edited(await self.call("edit_work_unit", spec, key, dict(data)), spec, key)

    def end_writing(self) -> bool:
        """Asks nothing more on this connection, as `coordinate.client.Client.end_writing` does."""
        if self._writer is None or not self._writer.can_write_eof():
            return False
        self._writer.write_eof()
        return True

    async def _exchange(self, writer: asyncio.StreamWriter, message: bytes, what: str, timeout: Optional[float]) -> Any:
        answer: "asyncio.Future[Any]" = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        writer.write(message)
        await writer.drain()
        patience = self._timeout if timeout is None else timeout
        try:
            return await asyncio.wait_for(answer, patience)
        except asyncio.TimeoutError:
            # Its answer may come yet, and would be taken for that of another call.
            await self.close()
            raise ConnectionError(f"no answer to {what} in {patience} s") from None

    async def _connected(self) -> asyncio.StreamWriter:
        if self._opening is None:
            # Made here, for Python 3.9 has a lock belong to the loop in which it is made.
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._writer is not None:
                return self._writer
            host, port = random.choice(self._addresses)
            opening = asyncio.open_connection(host, port, ssl=self._tls)
            reader, writer = await asyncio.wait_for(opening, self._timeout)
            self._reading = asyncio.create_task(self._read(reader, writer))
            try:
                self.features = frozenset(map(cbor.text, (await self._say_hello(writer)).get("features", ())))
            except BaseException:
                writer.close()
                raise
            self._writer = writer
            return writer

    async def _say_hello(self, writer: asyncio.StreamWriter) -> Dict[str, Any]:
        message = cbor.wrapped(_request(0, "hello", [self._hello]))
        try:
            said = _result(cbor.text_keys(await self._exchange(writer, message, "hello", None)))[0]
        except RemoteError as error:
            if "no such method" not in str(error):
                raise
            if len(self._hello) > 1:
                raise Unsupported("this daemon knows neither tokens nor namespaces of connections") from error
            return {}
        found: Dict[str, Any] = cbor.text_keys(said)
        return found

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        error: Exception = ConnectionResetError("the daemon has closed the connection")
        try:
            while True:
                head = await reader.readexactly(_HEAD_BYTES)
                small = head[2] & 0x1F
                length = small if small < 24 else int.from_bytes(await reader.readexactly(1 << (small - 24)), "big")
                message = cbor.loads(await reader.readexactly(length))
                answer = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(message)
        except (OSError, EOFError) as broken:
            error = broken if isinstance(broken, OSError) else error
        finally:
            self._writer = None
            writer.close()
            while self._waiting:
                answer = self._waiting.popleft()
                if not answer.done():
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
