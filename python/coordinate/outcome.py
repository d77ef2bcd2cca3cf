"""What became of a call: made where the function runs, reported where the lease is kept."""

from __future__ import annotations

import traceback
from typing import Any, Dict, List, NamedTuple, Optional

from .constants import AVAILABLE, FAILED, FINISHED
from .payloads import PayloadError

#: The longest traceback that is kept, in bytes.
LONGEST_TRACEBACK = 16 * 1024


class Outcome(NamedTuple):
    """`status` is FINISHED, FAILED or, for what is to be done again, AVAILABLE."""

    status: int
    #: What the data become; None if they stay.
    data: Optional[Dict[Any, Any]] = None
    #: Seconds until it may be done again.
    delay: float = 0

    def options(self, worker_id: str) -> Dict[str, Any]:
        """As `update_work_unit` takes them."""
        options: Dict[str, Any] = {"status": self.status, "worker_id": worker_id}
        if self.status == AVAILABLE:
            options["lease_time"] = 0
        if self.data is not None:
            options["data"] = self.data
        return options


def finished(data: Optional[Dict[Any, Any]]) -> Outcome:
    return Outcome(FINISHED, data)


def again(delay: float = 0) -> Outcome:
    return Outcome(AVAILABLE, None, delay)


def failed(data: Any, cause: str) -> Outcome:
    return Outcome(FAILED, dict(data or {}, traceback=bounded(cause)))


def failed_by(data: Any, error: BaseException) -> Outcome:
    """Failed, with the traceback of an exception; for data that are refused, what is wrong with them is enough."""
    if isinstance(error, PayloadError):
        return failed(data, f"{type(error).__name__}: {error}\n")
    lines: List[str] = traceback.format_exception(type(error), error, error.__traceback__)
    return failed(data, "".join(lines))


def bounded(cause: str) -> str:
    """The end of a traceback, where it says what went wrong."""
    encoded = cause.encode("utf-8", "backslashreplace")
    if len(encoded) <= LONGEST_TRACEBACK:
        return encoded.decode()
    return "…\n" + encoded[-LONGEST_TRACEBACK + 8 :].decode("utf-8", "ignore")
