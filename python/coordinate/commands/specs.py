"""Commands about work specs, and about everything at once."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any, Dict, Sequence

import yaml

from ..settings import load_config
from .action import (
    Action,
    Actions,
    Arguments,
    Session,
    add_spec_file,
    add_spec_name,
    add_units_file,
    confirmed,
    no_arguments,
    spec_name_of,
    spec_of,
)
from .files import add_units, opened_units, read_units
from .terminal import write_table

#: A column of the summary, and what is counted in it.
COLUMNS = [
    ("Avail", "num_available"),
    ("Pending", "num_pending"),
    ("Blocked", "num_blocked"),
    ("Failed", "num_failed"),
    ("Finished", "num_finished"),
    ("Total", "num_tasks"),
]


def _load_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec_file(parser)
    parser.add_argument("-n", "--nice", default=0, type=int, help="niceness of the work spec")
    group = parser.add_mutually_exclusive_group(required=True)
    add_units_file(group)
    group.add_argument("--no-work", action="store_true", help="set the work spec only")


def load(session: Session, args: Arguments) -> None:
    spec = dict(spec_of(args), nice=args.nice)
    session.task_master.set_work_spec(spec)
    lines: Any = [] if args.no_work else opened_units(args.work_units_path)
    session.write(f"loading work units from {lines!r}\n")
    units = dict(read_units(lines))
    if not units:
        session.write("no work units. done.\n")
        return
    session.write("pushing work units\n")
    add_units(session.task_master, spec["name"], list(units.items()))
    session.write(f"finished writing {len(units)} work units to work_spec={spec['name']!r}\n")


def _flow_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-c", "--config", metavar="FILE", help="configuration that goes with the work specs, in place of this one")
    parser.add_argument("file", help="YAML file with flows")


def flow(session: Session, args: Arguments) -> None:
    config = load_config(args.config) if args.config else session.config
    session.task_master.add_flow(load_config(args.file)["flows"], config=config)


def summary(session: Session, args: Arguments) -> None:
    specs = session.task_master.iter_work_specs()
    counts: Dict[Any, Any] = {spec["name"]: session.task_master.status(spec["name"]) for spec in specs}
    if args.json:
        session.write(json.dumps(dict(counts, _NOW=time.time())) + "\n")
    if args.text or not args.json:
        rows = [(str(name), *[counts[name][key] for _, key in COLUMNS]) for name in sorted(counts)]
        write_table(session, ("Work spec", *[title for title, _ in COLUMNS]), rows, _plain_summary)


def _plain_summary(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [f"{titles[0]:20}" + "".join(f" {title:>8}" for title in titles[1:])]
    lines.append(" ".join(["=" * 20] + ["=" * 8] * len(titles[1:])))
    lines += [f"{row[0]:20}" + "".join(f" {count:8d}" for count in row[1:]) for row in rows]
    return "".join(line + "\n" for line in lines)


def _summary_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--text", action="store_true", help="as a table")


def work_specs(session: Session, args: Arguments) -> None:
    for name in sorted(spec["name"] for spec in session.task_master.iter_work_specs()):
        session.write(f"{name}\n")


def _work_spec_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec_name(parser)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--yaml", action="store_true", help="as YAML, which it is anyway")


def work_spec(session: Session, args: Arguments) -> None:
    spec = session.task_master.get_work_spec(spec_name_of(args))
    if args.json:
        session.write(json.dumps(spec, indent=4, sort_keys=True) + "\n")
    else:
        yaml.safe_dump(spec, session.out)


def status(session: Session, args: Arguments) -> None:
    session.write(json.dumps(session.task_master.status(spec_name_of(args)), indent=4, sort_keys=True) + "\n")


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-y", "--yes", action="store_true", dest="assume_yes", help="do not ask")


def delete(session: Session, args: Arguments) -> None:
    if not args.assume_yes and not confirmed("Delete everything in the current coordinate environment?"):
        session.write("not deleting anything\n")
        return
    session.write("deleting all\n")
    session.task_master.clear()


def _spec_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", help="name of the work spec")


def pause(session: Session, args: Arguments) -> None:
    session.task_master.pause_work_spec(args.spec, paused=True)


def resume(session: Session, args: Arguments) -> None:
    session.task_master.pause_work_spec(args.spec, paused=False)


ACTIONS: Actions = {
    "load": Action("Sets a work spec, and adds units to it.", _load_arguments, load),
    "flow": Action("Sets the work specs of a file of flows.", _flow_arguments, flow),
    "summary": Action("Counts the units of all work specs.", _summary_arguments, summary),
    "work_specs": Action("Lists the names of work specs.", no_arguments, work_specs),
    "work_spec": Action("Shows a work spec.", _work_spec_arguments, work_spec),
    "status": Action("Counts the units of a work spec.", add_spec_name, status),
    "delete": Action("Deletes everything.", _delete_arguments, delete),
    "pause": Action("Gives out no more units of a work spec.", _spec_argument, pause),
    "resume": Action("Gives out units of a work spec again.", _spec_argument, resume),
}
