"""Calling methods of the daemon."""

from __future__ import annotations

import logging
import os
import socket
import ssl
import threading
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar

from . import cbor
from .connection import (
    Address,
    Reader,
    Sendable,
    configured_address,
    must_stay_here,
    open_socket,
    read_message,
    send,
    tls_context,
)
from .exceptions import RemoteError, Unsupported
from .version import __version__

logger = logging.getLogger(__name__)

C = TypeVar("C", bound="CborRpcClient")
Call = Tuple[str, Sequence[Any]]


class TagMapper:
    """Encodes and decodes messages, in the words of the package ``cbor`` for Python 2."""

    def dumps(self, value: Any) -> bytes:
        return cbor.dumps(value)

    def loads(self, encoded: bytes) -> Any:
        return self.load(_Bytes(encoded))

    def load(self, file: Any) -> Any:
        return read_message(Reader(_Receiver(file)))


def make_cbor_tagmapper() -> TagMapper:
    """What the historic package makes for its connections."""
    return TagMapper()


def cbor_return(tagmapper: TagMapper, value: Any) -> bytes:
    """A message as it is sent."""
    return cbor.wrapped(value)


class CborRpcClient:
    """A connection to the daemon, opened by the first call and again whenever it is lost.

    Any number of threads may call it, one after the other; a process that is forked from this one gets a connection of its own.

    Configuration: `address` or `addresses`; `retries` of a call whose connection fails (5), the first after
    `base_retry_seconds` (0.5), each after twice the time of the one before; `timeout` in seconds (60), the longest time to wait
    for an answer. For daemons of today, `token` or `token_file` says who calls, `namespace` where, and `tls` has the connection encrypted
    (see `coordinate.connection.tls_context`). A token goes unencrypted to other machines only with `insecure`. Without a token,
    `namespace` is passed over, as it was by the historic client, whose configurations have it.

    `binary`: byte strings come back as they were sent. Otherwise those that are UTF-8 come back as `str`.
    """

    def __init__(self, config: Optional[Mapping[str, Any]] = None, binary: bool = False) -> None:
        config = {} if config is None else config
        self.binary = binary
        self._socket_family = config.get("addr_family", socket.AF_INET)
        self._socket_addr = configured_address(config)
        self._socket: Optional[Any] = None
        self._rfile: Optional[Reader] = None
        self._message_count = 0
        self._retries: int = config.get("retries", 5)
        self._base_retry_seconds = float(config.get("base_retry_seconds", 0.5))
        self._timeout: Optional[float] = config.get("timeout", 60)
        self._token: Optional[str] = config.get("token")
        if self._token is None and config.get("token_file"):
            with open(config["token_file"], encoding="utf-8") as file:
                self._token = file.read().strip()
        self._namespace: Optional[str] = config.get("namespace")
        self._tls = config.get("tls")
        self._insecure = bool(config.get("insecure"))
        self._tagmapper = make_cbor_tagmapper()
        self._lock = threading.RLock()
        self._pid = os.getpid()

    def __getstate__(self) -> Dict[str, Any]:
        """What goes to another process by pickle: all but the connection."""
        state = dict(self.__dict__, _socket=None, _rfile=None, _message_count=0)
        del state["_lock"]
        return state

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.RLock()
        self._pid = os.getpid()

    def _conn(self) -> Sendable:
        """The connection, opened if need be."""
        if self._socket is None:
            self._choose_address()
            if self._socket_addr is None:
                raise ValueError("no address of a daemon is configured")
            self._check_secrecy(self._socket_addr)
            self._socket = open_socket(self._socket_addr, self._timeout, tls_context(self._tls))
            try:
                self._greet(self._socket)
            except BaseException:
                self.close()
                raise
        connected: Sendable = self._socket
        return connected

    def _choose_address(self) -> None:
        """Where the next connection goes, if there is more than one place."""

    def _check_secrecy(self, address: Address) -> None:
        if self._token is not None and not self._tls and not self._insecure:
            must_stay_here(address)

    def _greet(self, connection: Sendable) -> None:
        """What is said first on a new connection."""
        if self._token is not None:
            self._say_hello(connection)

    def _say_hello(self, connection: Sendable) -> Dict[str, Any]:
        """Says who calls, and where. What the daemon says of itself; nothing if it is too old to be told."""
        options = {"token": self._token, "namespace": self._namespace, "client": f"coordinate-client {__version__}"}
        send(connection, cbor.wrapped(_request(0, "hello", [_present(options)])))
        try:
            said: Dict[str, Any] = cbor.text_keys(_result(cbor.text_keys(read_message(self.rfile)))[0])
            return said
        except RemoteError as error:
            if "no such method" not in str(error):
                raise
            if self._token is not None or self._namespace is not None:
                raise Unsupported("this daemon knows neither tokens nor namespaces of connections") from error
            return {}

    @property
    def rfile(self) -> Reader:
        """What reads the connection."""
        connection = self._conn()
        if self._rfile is None:
            self._rfile = Reader(connection)
        return self._rfile

    def close(self) -> None:
        """Closes the connection. The next call opens it again."""
        closing, self._socket, self._rfile = self._socket, None, None
        if closing is not None and hasattr(closing, "close"):
            closing.close()

    def __enter__(self: C) -> C:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def _rpc(self, method_name: str, params: Sequence[Any]) -> Any:
        """Calls a method and returns its result; a refusal of the daemon is a `RemoteError` with its message."""
        result = self._call(method_name, params)
        return result if self.binary else cbor.texts(result)

    def _call(self, method_name: str, params: Sequence[Any], timeout: Optional[float] = None) -> Any:
        """The result as it was sent. A timeout in seconds holds for this call alone."""
        self._after_fork()
        with self._lock:
            self._message_count += 1
            request = _request(self._message_count, method_name, params)
            return _result(self._answer(request, request[b"id"], method_name, timeout))

    def _call_all(self, calls: Sequence[Call]) -> List[Any]:
        """The results of many calls, or the `RemoteError` of each that failed, for one message each way."""
        self._after_fork()
        with self._lock:
            first = self._message_count + 1
            self._message_count += len(calls)
            requests = [_request(first + i, method, params) for i, (method, params) in enumerate(calls)]
            answers = self._answer(requests, None, "a list of calls", None)
        return results_of(answers, len(calls))

    def _answer(self, request: Any, number: Optional[int], name: str, timeout: Optional[float]) -> Any:
        """Sends, and waits for what comes back: over one connection after the other, if they break."""
        message = cbor.wrapped(request)
        delay = self._base_retry_seconds
        for attempt in range(self._retries + 1):
            try:
                connection = self._conn()
                if timeout is not None:
                    connection.settimeout(timeout)  # type: ignore[attr-defined]
                try:
                    send(connection, message)
                    answer = read_message(self.rfile)
                finally:
                    if timeout is not None and self._socket is not None:
                        self._socket.settimeout(self._timeout)
                if number is not None:
                    answer = cbor.text_keys(answer)
                    if answer.get("id") != number:
                        raise ConnectionError(f"an answer to something else came for {name}")
                return answer
            except OSError as error:
                self.close()
                # A certificate that is not to be trusted is no other one the next time.
                if attempt == self._retries or isinstance(error, ssl.SSLCertVerificationError):
                    raise
                logger.debug("%s: %s, tried again in %s s", name, error, delay)
                time.sleep(delay)
                delay *= 2
            except BaseException:
                # Whatever is left of the answer would be taken for the next one.
                self.close()
                raise
        raise AssertionError("unreachable")

    def _after_fork(self) -> None:
        """In a new process, leaves connection and lock, which are the parent's, alone."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._lock = threading.RLock()
            self.close()


def _present(options: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _request(number: int, method: str, params: Sequence[Any]) -> Dict[bytes, Any]:
    """In the order, and with the byte strings, that the historic client has."""
    return {b"params": list(params), b"id": number, b"method": method.encode()}


def _result(answer: Mapping[str, Any]) -> Any:
    if "result" in answer:
        return answer["result"]
    error = answer.get("error")
    message = cbor.text_keys(error).get("message") if isinstance(error, dict) else error
    raise RemoteError(cbor.text(message) or repr(answer))


def results_of(answers: Any, count: int) -> List[Any]:
    """What the answer to a list of requests has for each: a result, or a `RemoteError`. It is raised if the list as a whole is refused."""
    if not isinstance(answers, list) or len(answers) != count:
        _result(cbor.text_keys(answers) if isinstance(answers, dict) else {})
        raise RemoteError(f"no list of {count} answers")
    return [_result_or_error(answer) for answer in answers]


def _result_or_error(answer: Any) -> Any:
    try:
        return _result(cbor.text_keys(answer))
    except RemoteError as error:
        return error


class _Bytes:
    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded

    def read(self, count: int) -> bytes:
        taken, self._encoded = self._encoded[:count], self._encoded[count:]
        return taken


class _Receiver:
    """A file as a socket."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def send(self, data: bytes, /) -> Any:
        raise OSError("only for reading")

    def recv(self, count: int, /) -> bytes:
        data: bytes = self._file.read(count)
        return data
