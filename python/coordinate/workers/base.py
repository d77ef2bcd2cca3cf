"""What all workers are: registered, with a name and heartbeats."""

from __future__ import annotations

import abc
import logging
import os
import socket
from importlib.metadata import distributions
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type

from .. import memory
from ..exceptions import Name, ProgrammerError
from ..task_master import TaskMaster
from ..version import __version__

logger = logging.getLogger(__name__)


def nice_identifier() -> str:
    """A new name for a worker."""
    return os.urandom(16).hex()


def run_worker(worker_class: Type["Worker"], *args: Any, **kwargs: Any) -> None:
    """Makes a worker of this class with these arguments; registers, runs and unregisters it."""
    try:
        worker = worker_class(*args, **kwargs)
    except Exception:
        logger.critical("no worker %r could be made", worker_class, exc_info=True)
        raise
    # Only for exceptions: a child that was forked in run() leaves it by SystemExit, and is not to unregister its parent.
    try:
        worker.register()
        worker.run()
        worker.unregister()
    except Exception:
        logger.error("worker %r has died", worker_class, exc_info=True)
        try:
            worker.unregister()
        except Exception:
            logger.debug("nor could it unregister", exc_info=True)
        raise


class Worker(abc.ABC):
    """A worker, configured by the block `coordinate`."""

    def __init__(self, config: Mapping[str, Any], task_master: Optional[TaskMaster] = None) -> None:
        self.config = config
        self.task_master = TaskMaster(config) if task_master is None else task_master
        #: Its name, while it is registered.
        self.worker_id: Optional[str] = None
        #: The name of the worker that has started it.
        self.parent: Optional[Name] = None
        #: Seconds between two heartbeats, at most.
        self.lifetime = 100 * 60

    @abc.abstractmethod
    def run(self) -> Any:
        """Works."""

    def environment(self) -> Dict[str, Any]:
        """What others may read of it (`TaskMaster.get_heartbeat`)."""
        hostname, aliases, addresses = _host()
        return {
            "worker_id": self.worker_id,
            "parent": self.parent,
            "hostname": hostname,
            "aliases": tuple(aliases),
            "ipaddrs": tuple(addresses),
            "fqdn": socket.getfqdn(),
            "version": __version__,
            "working_set": _installed(),
            "memory": (memory.total_bytes(), memory.available_bytes()),
            "pid": os.getpid(),
        }

    def register(self, parent: Optional[Name] = None) -> str:
        """Takes a name, which it returns, and says that it is there."""
        if self.worker_id:
            raise ProgrammerError("a worker is registered once; unregister it before you register it again")
        self.parent = parent
        self.worker_id = self.task_master.worker_id = nice_identifier()
        self.heartbeat()
        return self.worker_id

    def unregister(self) -> None:
        """Says that it is gone."""
        if self.worker_id is not None:
            self.task_master.worker_unregister(self.worker_id)
        self.worker_id = self.task_master.worker_id = None

    def heartbeat(self) -> str:
        """Says that it is alive. Returns the mode that it is to be in."""
        assert self.worker_id is not None, "only a registered worker has heartbeats"
        mode = self.task_master.get_mode()
        self.task_master.worker_heartbeat(self.worker_id, mode, self.lifetime, self.environment(), parent=self.parent)
        return mode


def _host() -> Tuple[str, List[str], List[str]]:
    hostname = socket.gethostname()
    try:
        address = socket.gethostbyname(hostname)
    except OSError:
        return hostname, [], []
    try:
        return socket.gethostbyaddr(address)
    except OSError:
        return hostname, [], [address]


_working_set: Optional[List[Tuple[str, str]]] = None


def _installed() -> List[Tuple[str, str]]:
    """Name and version of all packages. They are looked for once in a process: it takes many files."""
    global _working_set
    if _working_set is None:
        named = ((found.metadata["Name"], found.version) for found in distributions())
        _working_set = sorted({(name.lower(), version) for name, version in named if name})
    return _working_set
