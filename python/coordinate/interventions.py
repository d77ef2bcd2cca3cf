"""Calls that step in where work is under way, and give units other data: what is asked, and what the answers mean, for the blocking client
and for that of asyncio."""

from __future__ import annotations

from typing import Any, Dict, Iterable, NoReturn, Optional

from .base_client import _present
from .cbor import text
from .exceptions import Name, NoSuchWorkSpecError, NoSuchWorkUnitError, PendingError, RemoteError


def cancel_options(
    keys: Optional[Iterable[Name]], worker_id: Optional[Name], everything: bool, reason: Optional[str], release: bool
) -> Dict[str, Any]:
    """The options of `cancel_work_units`. A ValueError if they do not say of which units, or say it twice."""
    if isinstance(keys, (str, bytes)):
        keys = [keys]
    selects = keys is not None or worker_id is not None
    if everything == selects:
        raise ValueError("cancel_work_units takes keys, worker_id or both of them, or all=True")
    named = None if keys is None else list(keys)
    return _present(
        {
            "all": everything or None,
            "work_unit_keys": named,
            "worker_id": worker_id,
            "reason": reason,
            "release": release or None,
        }
    )


def cancelled(answer: Any, spec: str) -> int:
    """How many units `cancel_work_units` has stopped."""
    count, message = answer
    if message is not None:
        _refuse(text(message), spec, None)
    return int(count)


def see_edited(answer: Any, spec: str, key: Name) -> None:
    """Whether `edit_work_unit` has done what it was told; an exception says why not."""
    done, message = answer
    if not done:
        _refuse(text(message), spec, key)


def _refuse(message: str, spec: str, key: Optional[Name]) -> NoReturn:
    if message.startswith("no such work_spec"):
        raise NoSuchWorkSpecError(spec)
    if message.startswith("no such work unit"):
        raise NoSuchWorkUnitError(key)
    if message == "Work unit is pending":
        raise PendingError(key)
    raise RemoteError(message)
