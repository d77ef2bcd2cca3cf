"""Between a worker and its child: frames of pickled objects over a pair of sockets, and a little memory that both see."""

from __future__ import annotations

import mmap
import pickle
import socket
import struct
from typing import Any, List

_LENGTH = struct.Struct("<Q")

#: Units that a child may have at once. Each has a slot.
SLOTS = 256


class Board:
    """A byte each for 'this unit is running' and 'its result does not count any more'. It needs no message, and no one who listens:
    a task that keeps the interpreter to itself for minutes can still ask."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 2 * SLOTS)

    def clear(self, slot: int) -> None:
        self._memory[slot] = self._memory[SLOTS + slot] = 0

    def begin(self, slot: int) -> None:
        self._memory[slot] = 1

    def end(self, slot: int) -> None:
        self._memory[slot] = 2

    def is_running(self, slot: int) -> bool:
        """Begun, and not done: one that is done may wait to be sent with others."""
        return self._memory[slot] == 1

    def cancel(self, slot: int) -> None:
        self._memory[SLOTS + slot] = 1

    def is_cancelled(self, slot: int) -> bool:
        return self._memory[SLOTS + slot] == 1

    def close(self) -> None:
        self._memory.close()


def _framed(message: Any) -> bytes:
    # Both ends are one program, forked: what they say to each other is nobody else's.
    pickled = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(pickled)) + pickled


class Channel:
    """The worker's end. Sending never waits: what the child does not read yet is kept, and sent when it does."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        end.setblocking(False)
        self._outgoing = bytearray()
        self._incoming = bytearray()

    def send(self, message: Any) -> None:
        """Sends a message, or begins to."""
        self._outgoing += _framed(message)
        self.flush()

    def flush(self) -> None:
        """Goes on sending. A child that has gone is found out by reading."""
        try:
            while self._outgoing:
                del self._outgoing[: self.socket.send(self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._outgoing.clear()

    @property
    def is_sending(self) -> bool:
        return bool(self._outgoing)

    def receive(self) -> List[Any]:
        """The messages that have come; an EOFError if there were none and the child has gone."""
        gone = False
        try:
            while True:
                data = self.socket.recv(1 << 18)
                if not data:
                    gone = True
                    break
                self._incoming += data
                if len(data) < 1 << 18:
                    break
        except BlockingIOError:
            pass
        except OSError:
            gone = True
        messages = list(self._whole())
        if gone and not messages:
            raise EOFError
        return messages

    def _whole(self) -> List[Any]:
        messages = []
        while len(self._incoming) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._incoming)[0]
            if len(self._incoming) < end:
                break
            messages.append(pickle.loads(bytes(self._incoming[_LENGTH.size : end])))
            del self._incoming[:end]
        return messages

    def close(self) -> None:
        self.socket.close()


class ChildEnd:
    """The child's end, which waits."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        end.setblocking(True)

    def send(self, message: Any) -> None:
        self.socket.sendall(_framed(message))

    def receive(self) -> Any:
        """The next message; an EOFError if the worker has gone."""
        length: int = _LENGTH.unpack(self._exactly(_LENGTH.size))[0]
        return pickle.loads(self._exactly(length))

    def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            data = self.socket.recv(count - len(parts))
            if not data:
                raise EOFError
            parts += data
        return bytes(parts)
