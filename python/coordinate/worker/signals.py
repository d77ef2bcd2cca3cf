"""Being told to stop, while waiting for something else."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any, Dict


class StopSignals:
    """Counts SIGTERM, SIGINT and calls of `stop`. Each makes `descriptor` readable."""

    def __init__(self) -> None:
        self.count = 0
        self.descriptor, self._write = -1, -1
        self._old: Dict[int, Any] = {}

    def __enter__(self) -> "StopSignals":
        self.count = 0
        self.descriptor, self._write = os.pipe()
        os.set_blocking(self._write, False)
        os.set_blocking(self.descriptor, False)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._old[number] = signal.signal(number, lambda *_: self.stop())
        return self

    def __exit__(self, *error: Any) -> None:
        while self._old:
            signal.signal(*self._old.popitem())
        self.leave()

    def leave(self) -> None:
        """Closes the pipe: at the end, and in a process that was forked."""
        for descriptor in (self.descriptor, self._write):
            if descriptor >= 0:
                os.close(descriptor)
        self.descriptor, self._write = -1, -1

    def stop(self) -> None:
        self.count += 1
        try:
            os.write(self._write, b"!")
        except OSError:
            pass

    def taken(self) -> None:
        """Reads what made it readable."""
        try:
            os.read(self.descriptor, 1024)
        except BlockingIOError:
            pass
