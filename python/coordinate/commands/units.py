"""Commands about work units."""

from __future__ import annotations

import argparse
import pprint
import time
from typing import Any, Dict, Iterator, Optional, Tuple

from ..constants import WORK_UNIT_STATUS_BY_NAME
from .action import (
    Action,
    Actions,
    Arguments,
    Session,
    add_spec_name,
    add_state,
    add_units_file,
    spec_name_of,
)
from .files import add_units, opened_units, read_units
from .terminal import write_table


def _addwork_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec_name(parser)
    add_units_file(parser)


def addwork(session: Session, args: Arguments) -> None:
    name = spec_name_of(args)
    if args.work_units_path is None:
        raise ValueError("need -u/--work-units")
    add_units(session.task_master, name, list(read_units(opened_units(args.work_units_path))))


def _work_units_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec_name(parser)
    parser.add_argument("-n", "--limit", type=int, metavar="N", help="so many of them")
    add_state(parser, "those in this state")
    parser.add_argument("--details", action="store_true", help="with their data")


def work_units(session: Session, args: Arguments) -> None:
    found = session.task_master.get_work_units(spec_name_of(args), state=_state(args), limit=args.limit)
    units: Dict[Any, Any] = dict(found)
    for name in sorted(units)[: args.limit or None]:
        session.write(_detailed(name, units[name]) if args.details else f"{name}\n")


def _detailed(name: Any, data: Any) -> str:
    if not data:
        return f"{name}: no info\n"
    below = ""
    if data.get("traceback"):
        below = data["traceback"] + "\n"
        data = dict(data, traceback="displayed below")
    return f"{name!r}: {pprint.pformat(data, indent=4)}\n{below}"


def _failed_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec_name(parser, required=False)
    parser.add_argument("-n", "--limit", type=int, metavar="N", help="so many of each work spec")
    parser.add_argument("--details", action="store_true", help="with their data, and the whole traceback")


def failed(session: Session, args: Arguments) -> None:
    master = session.task_master
    named = args.work_spec_name or args.work_spec_path
    rows = []
    for spec in [spec_name_of(args)] if named else sorted(spec["name"] for spec in master.iter_work_specs()):
        for name, data in _pages(session, spec, master.FAILED, args.limit):
            if args.details:
                session.write(_detailed(name, data))
            else:
                rows.append((spec, str(name), _last_line(data)))
    if not args.details:
        write_table(session, ("Work spec", "Work unit", "Cause"), rows)


def _pages(session: Session, spec: str, state: int, limit: Optional[int]) -> Iterator[Tuple[Any, Any]]:
    left = limit
    start = None
    while left is None or left > 0:
        asked = 1000 if left is None else min(1000, left)
        found = session.task_master.get_work_units(spec, state=state, limit=asked, start=start) or []
        yield from found
        if len(found) < asked:
            return
        start = found[-1][0]
        left = None if left is None else left - len(found)


def _last_line(data: Any) -> str:
    lines = str((data or {}).get("traceback") or "").strip().splitlines()
    return lines[-1].strip() if lines else "no cause given"


def _units_argument(parser: argparse.ArgumentParser, nargs: str = "*") -> None:
    parser.add_argument("unit", nargs=nargs, help="name of a work unit")


def _work_unit_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec_name(parser)
    _units_argument(parser)


def work_unit(session: Session, args: Arguments) -> None:
    spec = spec_name_of(args)
    for name in args.unit:
        status = session.task_master.get_work_unit_status(spec, name)
        if status is None:
            raise LookupError(f"there is no work unit {name!r} in {spec!r}")
        session.write(f"{name} ({status['status']!r})\n")
        if "expiration" in status:
            session.write(f"  Expires: {time.ctime(status['expiration'])}\n")
        if "worker_id" in status:
            session.write(f"  Worker: {status['worker_id']} ({_where(session, status['worker_id'])})\n")
        if "traceback" in status:
            session.write(f"  Traceback:\n{status['traceback']}\n")


def _where(session: Session, worker_id: Any) -> str:
    """The machine of a worker."""
    about = session.task_master.get_heartbeat(worker_id)
    if not about:
        return "No information"
    host = about.get("fqdn") or about.get("hostname") or ""
    addresses = ", ".join(about.get("ipaddrs", ()))
    return f"{host} on {addresses}" if host and addresses else host + addresses


def _retry_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec_name(parser)
    parser.add_argument("-a", "--all", action="store_true", help="all that have failed")
    _units_argument(parser)


def retry(session: Session, args: Arguments) -> None:
    spec = spec_name_of(args)
    master = session.task_master
    retried = 0
    names = args.unit
    while True:
        if args.all:
            names = [name for name, _ in master.get_work_units(spec, state=master.FAILED, limit=1000) or ()]
        if names:
            master.retry(spec, *names)
            retried += len(names)
        if not (args.all and names):
            break
    session.write(f"Retried {retried} work unit{'' if retried == 1 else 's'}.\n" if retried else "Nothing to do.\n")


def _clear_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec_name(parser)
    add_state(parser, "those in this state")
    _units_argument(parser)


def clear(session: Session, args: Arguments) -> None:
    keys = args.unit or None
    everything = args.status is None and keys is None
    count = session.task_master.del_work_units(spec_name_of(args), work_unit_keys=keys, state=_state(args), all=everything)
    session.write(f"Removed {count} work units.\n")


def _prioritize_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", help="name of the work spec")
    _units_argument(parser, "+")


def prioritize(session: Session, args: Arguments) -> None:
    session.task_master.prioritize_work_units(args.spec, args.unit)


def _state(args: Arguments) -> Optional[int]:
    return WORK_UNIT_STATUS_BY_NAME[args.status.upper()] if args.status else None


ACTIONS: Actions = {
    "addwork": Action("Adds units to a work spec.", _addwork_arguments, addwork),
    "work_units": Action("Lists the units of a work spec.", _work_units_arguments, work_units),
    "failed": Action("Lists units that have failed, and what of.", _failed_arguments, failed),
    "work_unit": Action("Shows units.", _work_unit_arguments, work_unit),
    "retry": Action("Makes units available again.", _retry_arguments, retry),
    "clear": Action("Deletes units of a work spec.", _clear_arguments, clear),
    "prioritize": Action("Has units done before others.", _prioritize_arguments, prioritize),
}
