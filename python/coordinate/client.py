"""A connection of today's API: values come back as they were sent, and a daemon that knows `hello` is told who calls."""

from __future__ import annotations

import random
import re
from typing import Any, List, Optional, Sequence, Union

from .base_client import Call, CborRpcClient, _request, _result
from .connection import Address, Sendable, parse_address, read_message, send
from .cbor import text_keys, wrapped
from .exceptions import CoordinateException, RemoteError
from .version import __version__


class Unsupported(CoordinateException):
    """The daemon is too old for what is asked of it."""


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
    ) -> None:
        addresses = [address] if isinstance(address, str) else list(address)
        super().__init__({"addresses": addresses, "timeout": timeout, "retries": retries}, binary=True)
        self._addresses = [parse_address(each) for each in addresses]
        if token is not None and not insecure:
            _must_stay_here(self._addresses)
        self._token = token
        self._namespace = namespace

    def call(self, method: str, *params: Any, timeout: Optional[float] = None) -> Any:
        """The result of a method; a `RemoteError` if the daemon refuses it."""
        return self._call(method, params, timeout)

    def call_all(self, calls: Sequence[Call]) -> List[Any]:
        """The results of many calls, in one message each way: of each that is refused, the `RemoteError`."""
        return self._call_all(calls) if calls else []

    def start(self, method: str, *params: Any) -> int:
        """Sends a request and does not wait for its answer, which `take` reads. Returns the descriptor to wait for."""
        connection = self._conn()
        self._message_count += 1
        send(connection, wrapped(_request(self._message_count, method, params)))
        return int(connection.fileno())  # type: ignore[attr-defined]

    def take(self) -> Any:
        """The answer to what was started."""
        return _result(text_keys(read_message(self.rfile)))

    def _conn(self) -> Sendable:
        if self._socket is not None:
            return self._socket  # type: ignore[no-any-return]
        self._socket_addr = random.choice(self._addresses)
        connection = super()._conn()
        if self._token is not None or self._namespace is not None:
            self._say_hello(connection)
        return connection

    def _say_hello(self, connection: Sendable) -> None:
        options = {"token": self._token, "namespace": self._namespace, "client": f"coordinate-client {__version__}"}
        send(connection, wrapped(_request(0, "hello", [{key: value for key, value in options.items() if value is not None}])))
        try:
            _result(text_keys(read_message(self.rfile)))
        except RemoteError as error:
            self.close()
            if "no such method" in str(error):
                raise Unsupported("this daemon knows neither tokens nor namespaces of connections") from error
            raise


def _must_stay_here(addresses: Sequence[Address]) -> None:
    """Nothing is encrypted: who can read the network reads the token."""
    for host, _ in addresses:
        if host not in ("localhost", "::1") and not re.fullmatch(r"127(\.\d{1,3}){3}", host):
            raise ValueError(f"a token goes to {host} unencrypted: insecure=True sends it nevertheless")
