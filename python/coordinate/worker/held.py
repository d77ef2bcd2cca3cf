"""Units under lease, and what has become of those that are to be reported."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Any, Deque, Dict, List, Optional, Tuple

from ..base_client import Call
from ..cbor import text
from ..client import Client
from ..exceptions import RemoteError
from ..outcome import Outcome

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
        return text(self.key)

    @property
    def name(self) -> Tuple[str, Any]:
        return self.spec, self.key


class Leases:
    """Renews and reports, over one connection, whenever the daemon is there. Nothing here is lost while it is away."""

    def __init__(self, client: Client, worker_id: str, lease: float) -> None:
        self._client = client
        self._worker_id = worker_id
        self.lease = lease
        self._reports: Deque[Tuple[Held, Outcome]] = deque()
        self._next_renewal = time.monotonic() + lease / 3
        self._away_until = 0.0
        self._pause = 0.25

    @property
    def waiting(self) -> int:
        """How many reports have not gone out yet."""
        return len(self._reports)

    def report(self, unit: Held, outcome: Outcome) -> None:
        """Has an outcome reported by the next `flush`."""
        self._reports.append((unit, outcome))

    def next_at(self, now: float) -> float:
        """Seconds until there is something to do here."""
        wanted = self._next_renewal if not self._reports else now
        return max(0.0, max(wanted, self._away_until) - now)

    def flush(self) -> None:
        """Reports what has come together."""
        while self._reports and time.monotonic() >= self._away_until:
            some = [self._reports[i] for i in range(min(_AT_ONCE, len(self._reports)))]
            calls = [call for unit, outcome in some for call in self._calls(unit, outcome)]
            results = self._call_all(calls)
            if results is None:
                return
            position = 0
            for unit, outcome in some:
                self._reports.popleft()
                position += len(self._calls(unit, outcome))
                self._note(unit, outcome, results[position - 1])

    def _calls(self, unit: Held, outcome: Outcome) -> List[Call]:
        change: Call = ("update_work_unit", [unit.spec, unit.key, outcome.options(self._worker_id)])
        if outcome.delay <= 0:
            return [change]
        # It is added anew, which a lease keeps from having any effect but for the delay, and then given back.
        again = (unit.key, unit.data, {"delay": outcome.delay})
        return [("add_work_units", [unit.spec, [again]]), change]

    def _note(self, unit: Held, outcome: Outcome, result: Any) -> None:
        if isinstance(result, RemoteError):
            if str(result).startswith("storage unavailable"):
                self._reports.append((unit, outcome))
                self._rest()
            else:
                logger.error("%s %r could not be reported: %s", unit.spec, unit.shown, result)
        elif not result[0] and result[1]:
            logger.warning("%s %r is no longer ours: %s", unit.spec, unit.shown, result[1])

    def renew(self, units: List[Held]) -> List[Held]:
        """If it is time, renews the leases of all that is held. Returns the units that are lost."""
        now = time.monotonic()
        if now < max(self._next_renewal, self._away_until):
            return []
        # Leases of what waits to be reported, too: the daemon may have been away for long.
        reported = [unit for unit, outcome in self._reports]
        lost: List[Held] = []
        for start in range(0, len(units) + len(reported), _AT_ONCE):
            some = (units + reported)[start : start + _AT_ONCE]
            options: Dict[str, Any] = {"lease_time": self.lease, "worker_id": self._worker_id}
            results = self._call_all([("update_work_unit", [unit.spec, unit.key, options]) for unit in some])
            if results is None:
                return [unit for unit in units if unit.expires <= now]
            for unit, result in zip(some, results):
                if isinstance(result, RemoteError) or not result[0]:
                    lost.append(unit)
                else:
                    unit.expires = now + self.lease
        self._next_renewal = now + self.lease / 3
        return lost

    def _call_all(self, calls: List[Call]) -> Optional[List[Any]]:
        """The results, or None while the daemon is away."""
        try:
            results = self._client.call_all(calls)
        except OSError as error:
            logger.warning("the daemon does not answer: %s", error)
            self._rest()
            return None
        self._pause = 0.25
        return results

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _rest(self) -> None:
        self._away_until = time.monotonic() + self._pause
        self._pause = min(5.0, self._pause * 2)
