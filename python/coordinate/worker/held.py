"""Units under lease."""

from __future__ import annotations

import logging
import time
from typing import Any, Dict, List, Optional, Tuple

from .. import cbor
from ..base_client import Call
from ..client import Client
from ..exceptions import RemoteError

logger = logging.getLogger("coordinate.worker")

#: Calls in one message to the daemon.
_AT_ONCE = 500


class Held:
    """A unit under lease."""

    __slots__ = ("spec", "key", "data", "expires", "given")

    def __init__(self, spec: str, key: Any, data: Any, expires: float) -> None:
        self.spec = spec
        self.key = key
        self.data = data
        #: When the lease is over, by `time.monotonic`.
        self.expires = expires
        #: Since when a child could have been doing it.
        self.given = 0.0

    @property
    def shown(self) -> Any:
        """Its name for people."""
        return cbor.text(self.key)

    @property
    def name(self) -> Tuple[str, Any]:
        return self.spec, self.key


class Leases:
    """Renews leases, over a connection of its own."""

    def __init__(self, client: Client, worker_id: str, lease: float) -> None:
        self._client = client
        self._worker_id = worker_id
        self.lease = lease
        self._next_renewal = time.monotonic() + lease / 3
        self._pause = 0.25

    def next_at(self, now: float) -> float:
        """Seconds until there is something to do here."""
        return max(0.0, self._next_renewal - now)

    def renew(self, units: List[Held]) -> List[Held]:
        """Renews the leases of all that is held. Returns the units that are lost."""
        now = time.monotonic()
        lost: List[Held] = []
        away: List[Held] = []
        options: Dict[str, Any] = {"lease_time": self.lease, "worker_id": self._worker_id}
        for start in range(0, len(units), _AT_ONCE):
            some = units[start : start + _AT_ONCE]
            results = self._call_all([("update_work_unit", [unit.spec, unit.key, options]) for unit in some])
            if results is None:
                return lost + self._again_soon(units[start:], now)
            for unit, result in zip(some, results):
                if isinstance(result, RemoteError) and str(result).startswith("storage unavailable"):
                    away.append(unit)
                elif isinstance(result, RemoteError) or not result[0]:
                    lost.append(unit)
                else:
                    unit.expires = now + self.lease
        if away:
            return lost + self._again_soon(away, now)
        self._pause = 0.25
        self._next_renewal = now + self.lease / 3
        return lost

    def _again_soon(self, units: List[Held], now: float) -> List[Held]:
        """The daemon, or its database, is away. Those of the units whose leases are over by now."""
        self._next_renewal = now + self._pause
        self._pause = min(5.0, self._pause * 2)
        return [unit for unit in units if unit.expires <= now]

    def is_time(self) -> bool:
        """Whether leases are to be renewed now."""
        return time.monotonic() >= self._next_renewal

    def _call_all(self, calls: List[Call]) -> Optional[List[Any]]:
        """The results, or None while the daemon is away."""
        try:
            return self._client.call_all(calls)
        except (OSError, RemoteError) as error:
            logger.warning("leases could not be renewed: %s", error)
            return None
