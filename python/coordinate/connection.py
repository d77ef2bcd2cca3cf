"""A connection: messages go out and come in over one TCP socket, encrypted or not."""

from __future__ import annotations

import random
import re
import socket
import ssl
from typing import Any, Mapping, Optional, Protocol, Tuple, Union

from . import cbor

Address = Tuple[str, int]

#: Whether, and how, a connection is encrypted: see `tls_context`.
Tls = Union[None, bool, str, Mapping[str, str], ssl.SSLContext]


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


def tls_context(tls: Tls) -> Optional[ssl.SSLContext]:
    """How to encrypt: `True` trusts the authorities of this machine, a path those of that file in PEM; a map has `ca`, such a path, and
    `cert` and `key` of a certificate to show; a context is taken as it is. None: not at all."""
    if not tls:
        return None
    if isinstance(tls, ssl.SSLContext):
        return tls
    files: Mapping[str, str] = tls if isinstance(tls, Mapping) else {"ca": tls} if isinstance(tls, str) else {}
    unknown = set(files) - {"ca", "cert", "key"}
    if unknown:
        raise ValueError(f"tls has ca, cert and key, not {', '.join(sorted(unknown))}")
    context = ssl.create_default_context(cafile=files.get("ca"))
    if "cert" in files:
        context.load_cert_chain(files["cert"], files.get("key"))
    return context


def must_stay_here(address: Address) -> None:
    """Nothing is encrypted: who can read the network reads the token. A ValueError if it leaves this machine."""
    host = address[0]
    if host not in ("localhost", "::1") and not re.fullmatch(r"127(\.\d{1,3}){3}", host):
        raise ValueError(f"a token goes to {host} unencrypted: tls encrypts it, insecure=True sends it nevertheless")


def open_socket(address: Address, timeout: Optional[float], context: Optional[ssl.SSLContext] = None) -> socket.socket:
    """Connects. Requests are small and wait for their answers, so that nothing is held back to be sent together."""
    opened = socket.create_connection(address, timeout)
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return opened if context is None else context.wrap_socket(opened, server_hostname=address[0])
    except BaseException:
        opened.close()
        raise


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
            self._receive(count - len(buffer))
        taken = bytes(buffer[:count])
        del buffer[:count]
        return taken

    def read(self, count: int = -1) -> bytes:
        """For cbor2, which asks for what it needs."""
        return self.exactly(count)

    def unread(self, data: bytes) -> None:
        """Puts back what was read last."""
        self._buffer[:0] = data

    def has_message(self) -> bool:
        """Whether a message in its tag is here as a whole, after what a socket that does not wait has. A ConnectionError at its end."""
        buffer = self._buffer
        while True:
            size = 3 + (1 << ((buffer[2] & 0x1F) - 24) if len(buffer) > 2 and buffer[2] & 0x1F > 23 else 0)
            if len(buffer) >= size:
                end = size + (int.from_bytes(buffer[3:size], "big") if size > 3 else buffer[2] & 0x1F)
                if len(buffer) >= end:
                    return True
            try:
                self._receive(1 << 16)
            except (BlockingIOError, ssl.SSLWantReadError):
                return False

    def _receive(self, count: int) -> None:
        received = self._connection.recv(max(count, 65536))
        if not received:
            raise ConnectionResetError("the daemon has closed the connection")
        self._buffer += received

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False
