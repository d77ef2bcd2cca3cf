"""A connection of today's API: values come back as they were sent, and the daemon is told who calls."""

from __future__ import annotations

import os
import random
import socket
import ssl
from typing import Any, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Union

from .base_client import Call, CborRpcClient, _request, _result
from .cbor import text, text_keys, wrapped
from .connection import Sendable, Tls, parse_address, read_message, send
from .exceptions import Name
from .interventions import cancel_options, cancelled, see_edited


class Client(CborRpcClient):
    """Calls methods of the daemon, at one of its addresses."""

    def __init__(
        self,
        address: Union[str, List[str]] = "127.0.0.1:5932",
        token: Optional[str] = None,
        namespace: Optional[str] = None,
        timeout: float = 30,
        retries: int = 5,
        insecure: bool = False,
        tls: Tls = None,
    ) -> None:
        addresses = [address] if isinstance(address, str) else list(address)
        config = dict(addresses=addresses, timeout=timeout, retries=retries, insecure=insecure, tls=tls)
        super().__init__(dict(config, token=token, namespace=namespace), binary=True)
        self._addresses = [parse_address(each) for each in addresses]
        for each in self._addresses:
            self._check_secrecy(each)
        #: What the daemon can do that older ones do not know; empty before the first call.
        self.features: FrozenSet[str] = frozenset()

    def call(self, method: str, *params: Any, timeout: Optional[float] = None) -> Any:
        """The result of a method; a `RemoteError` if the daemon refuses it."""
        return self._call(method, params, timeout)

    def call_all(self, calls: Sequence[Call]) -> List[Any]:
        """The results of many calls, in one message each way: of each that is refused, the `RemoteError`."""
        return self._call_all(calls) if calls else []

    def cancel_work_units(
        self,
        spec: str,
        keys: Optional[Iterable[Name]] = None,
        *,
        worker_id: Optional[Name] = None,
        all: bool = False,
        reason: Optional[str] = None,
        release: bool = False,
    ) -> int:
        """Takes units of a work spec from those who work on them: the ones with these names, or what a worker has, or `all`. How many.

        They fail with the cause `cancelled: reason`, or with `release` are given back to be done by others. A NoSuchWorkSpecError
        if there is no such work spec.
        """
        options = cancel_options(keys, worker_id, all, reason, release)
        return cancelled(self.call("cancel_work_units", spec, options), spec)

    def edit_work_unit(self, spec: str, key: Name, data: Mapping[Any, Any]) -> None:
        """Gives a unit other data, whatever has become of it. A PendingError while somebody works on it, a NoSuchWorkUnitError or
        NoSuchWorkSpecError if there is none."""
        see_edited(self.call("edit_work_unit", spec, key, dict(data)), spec, key)

    def connect(self) -> None:
        """Opens the connection, if it is not open, and says hello."""
        self._after_fork()
        self._conn()

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._socket is not None and self._pid == os.getpid()

    def start(self, method: str, *params: Any) -> int:
        """Sends a request and does not wait for its answer, which `take` reads. Returns the descriptor to wait for."""
        self._after_fork()
        self._message_count += 1
        return self.start_encoded(wrapped(_request(self._message_count, method, params)))

    def start_encoded(self, message: bytes) -> int:
        """The same, of a whole message: a request, or a list of them."""
        connection = self._conn()
        send(connection, message)
        return int(connection.fileno())  # type: ignore[attr-defined]

    def take(self) -> Any:
        """The answer to what was started."""
        return _result(text_keys(self.take_message()))

    def take_message(self) -> Any:
        """The message that answers it, as it is."""
        return read_message(self.rfile)

    def is_answered(self) -> bool:
        """Whether `take` would not have to wait. An OSError if the connection has ended."""
        connection: Any = self._conn()
        connection.settimeout(0)
        try:
            return self.rfile.has_message()
        finally:
            connection.settimeout(self._timeout)

    def end_writing(self) -> bool:
        """Asks nothing more on this connection, which ends a claim that waits; its answer, and what came before, can be taken still.
        False where there is no such connection: one that is encrypted ends as a whole."""
        connection: Any = self._socket if self.is_open else None
        if connection is None or isinstance(connection, ssl.SSLSocket):
            return False
        connection.shutdown(socket.SHUT_WR)
        return True

    def _choose_address(self) -> None:
        self._socket_addr = random.choice(self._addresses)

    def _greet(self, connection: Sendable) -> None:
        said = self._say_hello(connection)
        self.features = frozenset(text(each) for each in said.get("features", ()))
