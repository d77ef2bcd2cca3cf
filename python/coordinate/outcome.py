"""What became of a call: made where the function runs, reported where the lease is kept."""

from __future__ import annotations

import traceback
from typing import Any, Dict, List, NamedTuple, Optional

from . import cbor
from .constants import AVAILABLE, FAILED, FINISHED
from .context import Fail
from .payloads import PayloadError

#: The longest traceback that is kept, in bytes.
LONGEST_TRACEBACK = 16 * 1024

#: The largest report, in bytes: with what is around it, a message has 64 MiB at most.
LARGEST_REPORT = 60 * 2**20

#: How the log says what became of a unit.
WORDS = {FINISHED: "finished", FAILED: "failed", AVAILABLE: "given back"}


class Report(NamedTuple):
    """An outcome as it goes to the daemon: a call of `update_work_unit` that is encoded already."""

    request: bytes
    status: int
    delay: float


class Outcome(NamedTuple):
    """`status` is FINISHED, FAILED or, for what is to be done again, AVAILABLE."""

    status: int
    #: What the data become; None if they stay.
    data: Optional[Dict[Any, Any]] = None
    #: Seconds until it may be done again.
    delay: float = 0

    @property
    def word(self) -> str:
        """How the log says it."""
        return WORDS[self.status]

    def report(self, spec: str, key: Any, worker_id: str) -> Report:
        """A TypeError if there is something in the data that has no place in the queue."""
        options: Dict[str, Any] = {"status": self.status, "worker_id": worker_id}
        if self.status == AVAILABLE:
            options["lease_time"] = 0
        if self.delay > 0:
            options["delay"] = self.delay
        if self.data is not None:
            options["data"] = self.data
        return Report(cbor.request("update_work_unit", [spec, key, options]), self.status, self.delay)


def reported(made: Outcome, spec: str, key: Any, data: Any, worker_id: str) -> Report:
    """The report of an outcome. What a task returns goes into the queue: what cannot is the task's error, and fails the unit."""
    try:
        report = made.report(spec, key, worker_id)
        if len(report.request) <= LARGEST_REPORT:
            return report
        cause = f"its data have {len(report.request)} bytes, and may have {LARGEST_REPORT}\n"
    except Exception as error:
        cause = "".join(traceback.format_exception_only(type(error), error))
    try:
        return failed(data, cause).report(spec, key, worker_id)
    except Exception:
        # Nor can the data, which the task has changed.
        return failed(None, cause).report(spec, key, worker_id)


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
    why = (error.__cause__ or error) if isinstance(error, Fail) else error
    lines: List[str] = traceback.format_exception(type(why), why, why.__traceback__)
    made = failed(data, "".join(lines))
    return made._replace(data=dict(made.data or {}, final=True)) if isinstance(error, Fail) and error.final else made


def bounded(cause: str) -> str:
    """The end of a traceback, where it says what went wrong."""
    encoded = cause.encode("utf-8", "backslashreplace")
    if len(encoded) <= LONGEST_TRACEBACK:
        return encoded.decode()
    return "…\n" + encoded[-LONGEST_TRACEBACK + 8 :].decode("utf-8", "ignore")
