"""A connection: messages go out and come in over one TCP socket."""

from __future__ import annotations

import random
import socket
from typing import Any, Mapping, Optional, Protocol, Tuple, Union

from . import cbor

Address = Tuple[str, int]


class Sendable(Protocol):
    """What is needed of a socket."""

    def send(self, data: bytes, /) -> Any: ...

    def recv(self, count: int, /) -> bytes: ...


def parse_address(address: Union[str, Tuple[str, int], "list[Any]"]) -> Address:
    """`"host:port"`, `"[::1]:port"`, or a pair."""
    if isinstance(address, str):
        host, colon, port = address.rpartition(":")
        if not colon or not port.isdigit():
            raise ValueError(f"not an address of the form host:port: {address!r}")
        return host.strip("[]"), int(port)
    name, number = address
    return str(name), int(number)


def configured_address(config: Mapping[str, Any]) -> Optional[Address]:
    """`address`, or one of `addresses`, or None if the configuration has neither."""
    address = config.get("address") or (config.get("addresses") and random.choice(config["addresses"]))
    return parse_address(address) if address else None


def open_socket(address: Address, timeout: Optional[float]) -> socket.socket:
    """Connects. Requests are small and wait for their answers, so that nothing is held back to be sent together."""
    opened = socket.create_connection(address, timeout)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return opened


def send(connection: Sendable, message: bytes) -> None:
    """Sends all of a message; what is less than a socket may have `send` only."""
    getattr(connection, "sendall", connection.send)(message)


def read_message(reader: "Reader") -> Any:
    """Reads one message, in its tag or without it. The end of the connection is a ConnectionError."""
    head = reader.exactly(1)
    if head == b"\xd8":
        head += reader.exactly(1)
    if head != b"\xd8\x18":
        reader.unread(head)
        return cbor.load(reader)
    return cbor.loads(reader.exactly(_length(reader)))


def _length(reader: "Reader") -> int:
    """The length of the byte string that begins here."""
    first = reader.exactly(1)[0]
    small = first & 0x1F
    if first >> 5 != 2 or small > 27:
        raise ConnectionError("the other side does not speak CBOR-RPC")
    return small if small < 24 else int.from_bytes(reader.exactly(1 << (small - 24)), "big")


class Reader:
    """Reads a socket through a buffer; a file for cbor2, too."""

    def __init__(self, connection: Sendable) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        buffer = self._buffer
        while len(buffer) < count:
            received = self._connection.recv(max(count - len(buffer), 65536))
            if not received:
                raise ConnectionResetError("the daemon has closed the connection")
            buffer += received
        taken = bytes(buffer[:count])
        del buffer[:count]
        return taken

    def read(self, count: int = -1) -> bytes:
        """For cbor2, which asks for what it needs."""
        return self.exactly(count)

    def unread(self, data: bytes) -> None:
        """Puts back what was read last."""
        self._buffer[:0] = data

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False
