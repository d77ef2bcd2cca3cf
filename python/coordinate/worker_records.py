"""What the daemon knows of workers."""

from __future__ import annotations

import logging
from typing import Any, Dict, Mapping, Optional

from .base_client import CborRpcClient
from .cbor import text_keys
from .constants import RUN
from .exceptions import Name

logger = logging.getLogger(__name__)


class WorkerRecords(CborRpcClient):
    """The part of `TaskMaster` that speaks of workers."""

    def worker_register(
        self,
        worker_id: Name,
        mode: Optional[str] = None,
        lifetime: float = 6000,
        environment: Optional[Mapping[Any, Any]] = None,
        parent: Optional[Name] = None,
    ) -> None:
        """The first heartbeat of a worker."""
        self.worker_heartbeat(worker_id, mode, lifetime, environment, parent)

    def worker_heartbeat(
        self,
        worker_id: Name,
        mode: Optional[str] = None,
        lifetime: float = 6000,
        environment: Optional[Mapping[Any, Any]] = None,
        parent: Optional[Name] = None,
    ) -> None:
        """Says that a worker is alive, for so many seconds, and what others may read of it."""
        known, message = self._rpc("worker_heartbeat", (worker_id, mode, lifetime, environment, parent))
        if not known:
            logger.error("worker_heartbeat: %r", message)

    def worker_unregister(self, worker_id: Name, parent: Optional[Name] = None) -> None:
        """Says that a worker is gone."""
        known, message = self._rpc("worker_unregister", (worker_id,))
        if not known:
            logger.error("worker_unregister: %r", message)

    def workers(self, alive: bool = True) -> Dict[Any, Any]:
        """The modes of the workers that are alive, by their names."""
        modes: Dict[Any, Any] = self._rpc("list_worker_modes", ())[0]
        return modes

    def mode_counts(self) -> Dict[Any, int]:
        """How many workers are in each mode."""
        counts: Dict[Any, int] = self._rpc("mode_counts", ())[0]
        return counts

    def get_heartbeat(self, worker_id: Name) -> Any:
        """What a worker said of itself, and `age_seconds` since then; None if it is not alive."""
        return text_keys(self._rpc("get_worker_info", (worker_id,))[0])

    def set_mode(self, mode: str) -> None:
        """There is no mode of the whole any more; this does nothing."""

    def get_mode(self) -> str:
        """Always `RUN`."""
        return RUN
