"""Commands about workers and the daemon, and those that work."""

from __future__ import annotations

import argparse
import os
import sys
import time
from importlib import import_module

import yaml

from ..app import Coordinate
from ..exceptions import ProgrammerError, RemoteError
from ..workers import SingleWorker
from .action import Action, Actions, Arguments, Session, no_arguments


def _rpc_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("method", help="name of the method")
    parser.add_argument("param", nargs="*", help="a parameter, as YAML")


def rpc(session: Session, args: Arguments) -> None:
    try:
        result = session.task_master._rpc(args.method, [yaml.safe_load(param) for param in args.param])
        session.write(f"{result!r}\n")
    except RemoteError as error:
        session.write(f"Exception({str(error)!r})\n")


def _workers_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="accepted as ever; those that are gone are not listed")
    parser.add_argument("--details", action="store_true", help="with what they say of themselves")


def workers(session: Session, args: Arguments) -> None:
    modes = session.task_master.workers(alive=not args.all)
    for name in sorted(modes):
        session.write(f"{name} ({modes[name]})\n")
        if args.details:
            for key, value in (session.task_master.get_heartbeat(name) or {}).items():
                session.write(f"  {key}: {value}\n")


def worker_stats(session: Session, args: Arguments) -> None:
    session.write(f"{session.task_master._rpc('worker_stats', [])!r}\n")


def mode_counts(session: Session, args: Arguments) -> None:
    for mode, count in sorted(session.task_master.mode_counts().items()):
        session.write(f"{mode}: {count}\n")


def _config_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", help="write it to FILE")


def config(session: Session, args: Arguments) -> None:
    found = session.task_master.get_server_config()
    if args.output:
        with open(args.output, "w", encoding="utf-8") as stream:
            yaml.safe_dump(found, stream)
    else:
        yaml.safe_dump(found, session.out)


def _run_one_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from-work-spec", action="append", default=[], help="of this work spec; may be repeated")
    parser.add_argument("--limit-seconds", type=int, metavar="N", help="go on for N seconds")
    parser.add_argument("--limit-count", type=int, metavar="N", help="go on for N times")
    parser.add_argument("--max-jobs", type=int, metavar="N", help="claim up to N units at once")


def run_one(session: Session, args: Arguments) -> None:
    block = session.config["coordinate"]
    worker = SingleWorker(
        block, task_master=session.task_master, work_spec_names=args.from_work_spec or None, max_jobs=args.max_jobs
    )
    worker.register()
    started = time.time()
    count = 0
    try:
        while True:
            if not worker.run():
                session.status = 2
                return
            count += 1
            if args.limit_seconds is None and args.limit_count is None:
                return
            if args.limit_seconds is not None and time.time() - started >= args.limit_seconds:
                return
            if args.limit_count is not None and count >= args.limit_count:
                return
    finally:
        worker.unregister()


def _worker_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="MODULE:APP", help="a Coordinate object of a module, such as tasks:app")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="one per core if not said")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of each process (1)")
    parser.add_argument("--lease", type=float, default=60, metavar="SECONDS", help="until others do what this one had (60)")
    parser.add_argument("--grace", type=float, default=30, metavar="SECONDS", help="for what runs when it is told to end (30)")
    parser.add_argument("--recycle-units", type=int, metavar="N", help="replace a process after so many units")
    parser.add_argument("--recycle-seconds", type=float, metavar="SECONDS", help="replace a process after so long")
    parser.add_argument("--recycle-mib", type=float, metavar="MIB", help="replace a process that has grown so large")
    parser.add_argument("--until-idle", action="store_true", help="end when there is nothing left to do")


def worker(session: Session, args: Arguments) -> None:
    module, _, name = args.app.partition(":")
    sys.path.insert(0, os.getcwd())
    app = getattr(import_module(module), name or "app")
    if not isinstance(app, Coordinate):
        raise ProgrammerError(f"{args.app} is no Coordinate object")
    app.worker(
        processes=args.processes,
        threads=args.threads,
        lease=args.lease,
        grace=args.grace,
        recycle_units=args.recycle_units,
        recycle_seconds=args.recycle_seconds,
        recycle_rss=None if args.recycle_mib is None else int(args.recycle_mib * 2**20),
    ).run(until_idle=args.until_idle)


ACTIONS: Actions = {
    "rpc": Action("Calls a method of the daemon.", _rpc_arguments, rpc),
    "workers": Action("Lists workers.", _workers_arguments, workers),
    "worker_stats": Action("Counts workers.", no_arguments, worker_stats),
    "mode_counts": Action("Counts workers by mode.", no_arguments, mode_counts),
    "config": Action("Shows the configuration that the daemon hands out.", _config_arguments, config),
    "run_one": Action("Does one unit.", _run_one_arguments, run_one),
    "worker": Action("Works for an application of today's API.", _worker_arguments, worker),
}
