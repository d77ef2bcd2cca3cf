"""A daemon beside a test.

With pytest, `from coordinate.testing import coordinated` in conftest.py gives tests a fixture of that name: a daemon with the memory
backend on free ports, one for all tests, which may clear it by `coordinated.clear()`. The daemon is the command that the environment
variable COORDINATED says, or `coordinated` on the path.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import threading
from typing import Any, Dict, Iterator, List, Optional, Sequence

from .task_master import TaskMaster

try:
    import pytest
except ImportError:  # A daemon can be started without it.
    pytest = None  # type: ignore[assignment]


def command() -> List[str]:
    """How the daemon is started. A FileNotFoundError if there is none."""
    named = os.environ.get("COORDINATED")
    if named:
        return shlex.split(named)
    found = shutil.which("coordinated")
    if found is None:
        raise FileNotFoundError("there is no coordinated on the path; set COORDINATED to the command that starts it")
    return [found]


class Daemon:
    """A daemon in a process of its own. It ends with the block: `with Daemon() as daemon:`."""

    def __init__(self, flags: Sequence[str] = (), port: int = 0) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COORDINATE_")}
        listening = ["-cborrpc", f"127.0.0.1:{port}", "-http", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            [*command(), *listening, *flags], env=inherited, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._ports: Dict[str, int] = {}
        self._read_ports()

    def _read_ports(self) -> None:
        assert self.process.stdout is not None
        said: List[str] = []
        for line in self.process.stdout:
            said.append(line)
            found = re.search(r": (CBOR-RPC|HTTP)S?( over TLS)? on \S+:(\d+)$", line.rstrip())
            if found:
                self._ports[found.group(1)] = int(found.group(3))
            if len(self._ports) == 2:
                # What else it says must not fill the pipe.
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return
        raise RuntimeError("the daemon did not start:\n" + "".join(said))

    @property
    def port(self) -> int:
        """Where it speaks CBOR-RPC."""
        return self._ports["CBOR-RPC"]

    @property
    def http_port(self) -> int:
        """Where it speaks REST."""
        return self._ports["HTTP"]

    @property
    def address(self) -> str:
        """`host:port` of CBOR-RPC."""
        return f"127.0.0.1:{self.port}"

    @property
    def config(self) -> Dict[str, Any]:
        """The least configuration of a client of it."""
        return {"addresses": [self.address]}

    def task_master(self, binary: bool = False, **config: Any) -> TaskMaster:
        """A new client of it."""
        return TaskMaster(dict(self.config, **config), binary=binary)

    def clear(self) -> None:
        """Deletes all that it has; its workers count as gone."""
        client = self.task_master(binary=True)
        client.clear()
        for worker in client.workers():
            client.worker_unregister(worker)
        client.close()

    def stop(self) -> int:
        """Ends it in good order. Returns its exit status."""
        self.process.terminate()
        return self.process.wait()

    def kill(self) -> None:
        """Ends it as a crash would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "Daemon":
        return self

    def __exit__(self, *error: Any) -> None:
        if self.process.poll() is None:
            self.stop()


def _running() -> Iterator[Daemon]:
    with Daemon() as daemon:
        yield daemon


coordinated: Optional[Any] = None if pytest is None else pytest.fixture(scope="session", name="coordinated")(_running)
