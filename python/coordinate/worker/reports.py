"""What has become of units, on its way to the daemon."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Any, Deque, List, NamedTuple, Optional, Tuple

from .. import cbor
from ..base_client import results_of
from ..client import Client
from ..exceptions import RemoteError
from ..outcome import Outcome, Report, failed, reported
from .held import Held

logger = logging.getLogger("coordinate.worker")

#: Calls in one message to the daemon, and about how many bytes.
_AT_ONCE = 500
_BYTES_AT_ONCE = 4 * 2**20
#: Seconds that an answer may take.
_PATIENCE = 15.0


class _Sent(NamedTuple):
    """Reports that have gone out, with the number of requests that each of them is."""

    reports: List[Tuple[Held, Report]]
    requests: List[int]
    until: float


class Reports:
    """Reports, over one connection, whenever the daemon is there. Nothing here is lost while it is away; one message is under way at a
    time, and what comes together meanwhile makes the next one."""

    def __init__(self, client: Client, worker_id: str) -> None:
        self._client = client
        self._worker_id = worker_id
        self._waiting: Deque[Tuple[Held, Report]] = deque()
        self._sent: Optional[_Sent] = None
        #: What to wait for, while a message is under way.
        self.descriptor: Optional[int] = None
        #: One report at a time, since a message of many was refused, or broke the connection.
        self._alone = False
        self._breaks = 0
        self._blamed: Optional[Held] = None
        self._away_until = 0.0
        self._pause = 0.25

    @property
    def waiting(self) -> int:
        """How many reports are not answered yet."""
        return len(self._waiting) + (len(self._sent.reports) if self._sent else 0)

    def units(self) -> List[Held]:
        """The units of these."""
        sent = self._sent.reports if self._sent else []
        return [unit for unit, _ in [*sent, *self._waiting]]

    def report(self, unit: Held, outcome: Outcome) -> None:
        """Has an outcome reported."""
        self.add(unit, reported(outcome, unit.spec, unit.key, unit.data, self._worker_id))

    def add(self, unit: Held, report: Report) -> None:
        """The same, of a report that is there already."""
        self._waiting.append((unit, report))

    def next_at(self, now: float) -> float:
        """Seconds until there is something to do here."""
        if self._sent is not None:
            return max(0.0, self._sent.until - now)
        return max(0.0, self._away_until - now) if self._waiting else 1.0

    def begin(self) -> None:
        """Sends what has come together, if nothing is under way."""
        now = time.monotonic()
        if self._sent is not None:
            if now >= self._sent.until:
                self._broken(TimeoutError(f"no answer in {_PATIENCE} s"))
            return
        if not self._waiting or now < self._away_until:
            return
        try:
            self._client.connect()
        except (OSError, RemoteError) as error:
            self._lost(error)
            return
        self._sent, message = self._next_message(now)
        try:
            self.descriptor = self._client.start_encoded(message)
        except OSError as error:
            self._broken(error)

    def _next_message(self, now: float) -> Tuple[_Sent, bytes]:
        reports: List[Tuple[Held, Report]] = []
        encoded: List[bytes] = []
        counts: List[int] = []
        size = 0
        knows_delays = "update_work_unit.delay" in self._client.features
        while self._waiting and len(encoded) < (1 if self._alone else _AT_ONCE):
            unit, report = self._waiting[0]
            size += len(report.request)
            if reports and size > _BYTES_AT_ONCE:
                break
            reports.append(self._waiting.popleft())
            if report.delay > 0 and not knows_delays:
                # It is added anew, which a lease keeps from having any effect but for the delay, and then given back.
                unit_again = (unit.key, unit.data, {"delay": report.delay})
                encoded.append(cbor.request("add_work_units", [unit.spec, [unit_again]]))
            encoded.append(report.request)
            counts.append(2 if report.delay > 0 and not knows_delays else 1)
        return _Sent(reports, counts, now + _PATIENCE), cbor.requests(encoded)

    def settle(self) -> None:
        """Hears the answer, if it is there."""
        if self._sent is None:
            return
        try:
            if not self._client.is_answered():
                return
            results = results_of(self._client.take_message(), sum(self._sent.requests))
        except OSError as error:
            self._broken(error)
            return
        except RemoteError as error:
            self._refused(error)
            return
        sent, self._sent, self.descriptor = self._sent, None, None
        self._pause, self._alone, self._breaks = 0.25, False, 0
        position = -1
        for (unit, report), count in zip(sent.reports, sent.requests):
            position += count
            result = results[position]
            if isinstance(result, RemoteError) or not result[0]:
                self._note(unit, report, result)

    def _note(self, unit: Held, report: Report, result: Any) -> None:
        if not isinstance(result, RemoteError):
            if result[1]:
                logger.warning("%s %r is no longer ours: %s", unit.spec, unit.shown, cbor.text(result[1]))
        elif str(result).startswith("storage unavailable"):
            self._waiting.append((unit, report))
            self._rest()
        else:
            logger.error("%s %r could not be reported: %s", unit.spec, unit.shown, result)

    def _refused(self, error: Exception) -> None:
        """A message as a whole was refused: its reports go one by one, so that only the one that is to blame fails, and says why."""
        sent = self._take_back()
        self._alone, self._breaks = True, 0
        if sent is None or len(sent.reports) > 1:
            return
        unit, _ = self._waiting.popleft()
        logger.error("%s %r could not be reported: %s", unit.spec, unit.shown, error)
        if unit is not self._blamed:
            self._blamed = unit
            outcome = failed(unit.data, f"what it came to was refused: {error}\n")
            self._waiting.appendleft((unit, reported(outcome, unit.spec, unit.key, unit.data, self._worker_id)))

    def _broken(self, error: Exception) -> None:
        """The connection broke under a message. If that goes on while the daemon is there, it is the message's doing."""
        self._breaks += 1
        if self._breaks >= 3:
            self._refused(error)
            self._rest()
        else:
            self._lost(error)

    def _take_back(self) -> Optional[_Sent]:
        """Closes the connection; what was under way waits again."""
        sent, self._sent, self.descriptor = self._sent, None, None
        self._client.close()
        if sent is not None:
            self._waiting.extendleft(reversed(sent.reports))
        return sent

    def _lost(self, error: Exception) -> None:
        logger.warning("the daemon does not answer: %s", error)
        self._take_back()
        self._rest()

    def _rest(self) -> None:
        self._away_until = time.monotonic() + self._pause
        self._pause = min(5.0, self._pause * 2)

    def flush(self, until: float) -> None:
        """Reports all, and waits for the answers, though no longer than until that time."""
        while self.waiting and time.monotonic() < until:
            self.begin()
            self.settle()
            if self.waiting:
                time.sleep(0.002)
