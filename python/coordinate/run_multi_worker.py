"""The command ``coordinate_worker``."""

from __future__ import annotations

import argparse
import logging
import logging.config
import logging.handlers
import os
import traceback
from typing import Any, Dict, Mapping, Optional, Sequence

from .settings import set_global_config
from .settings_args import add_config_arguments, config_from
from .workers import ForkWorker, run_worker


def absolute_path(string: str) -> str:
    """An argument that is an absolute path, in a folder that is there."""
    if not os.path.isabs(string):
        raise argparse.ArgumentTypeError(f"{string!r} is not an absolute path")
    if not os.path.exists(os.path.dirname(string)):
        raise argparse.ArgumentTypeError(f"path {string!r} does not exist")
    return string


def args_run_worker(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    parser.add_argument("--pidfile", metavar="FILE", type=absolute_path, help="file for the process ID of the worker")
    parser.add_argument("--logpath", metavar="FILE", type=absolute_path, help="file for what the worker logs")
    parser.add_argument("--foreground", action="store_true", help="work in this process, do not go to the background")


def start_logging(config: Mapping[str, Any], logpath: Optional[str]) -> None:
    """Logs to standard error, as the block `logging` of the configuration says if there is one, and to a file if one is named."""
    if config.get("logging"):
        block: Dict[str, Any] = dict({"version": 1, "disable_existing_loggers": False}, **config["logging"])
        logging.config.dictConfig(block)
    else:
        logging.basicConfig(format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    if logpath:
        handler = logging.handlers.RotatingFileHandler(logpath, maxBytes=10_000_000, backupCount=3)
        handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)


def start_worker(which_worker: str, config: Optional[Mapping[str, Any]] = None) -> None:
    """Runs a worker. There is one kind, whatever is asked for."""
    run_worker(ForkWorker, {} if config is None else config)


def go(gconfig: Dict[str, Any], args: argparse.Namespace) -> None:
    """Runs the worker of a configuration until it ends."""
    config = set_global_config(gconfig)["coordinate"]
    start_logging(gconfig, args.logpath)
    start_worker(config.get("worker", "fork_worker"), config)


def fork_worker(gconfig: Dict[str, Any], args: argparse.Namespace) -> None:
    """Runs the worker in the background. Returns at once in the process that was started, with the worker on its way."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    status = 1
    worker = os.getpid()
    try:
        _detach()
        if args.pidfile:
            with open(args.pidfile, "w", encoding="ascii") as pidfile:
                pidfile.write(str(os.getpid()))
        go(gconfig, args)
        status = 0
    except SystemExit as exit:
        status = exit.code if isinstance(exit.code, int) else 1
    except BaseException:
        with open(args.logpath or "/tmp/coordinate-failure.log", "a", encoding="utf-8") as log:
            log.write(traceback.format_exc())
    finally:
        # The worker's children leave by this way, too.
        if args.pidfile and os.getpid() == worker:
            try:
                os.unlink(args.pidfile)
            except OSError:
                pass
        logging.shutdown()
        os._exit(status)


def _detach() -> None:
    """A process in the background keeps no folder busy, and no terminal."""
    os.chdir("/")
    os.umask(0)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)


def main(argv: Optional[Sequence[str]] = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="coordinate_worker", description="run a coordinate work-handling daemon")
    args_run_worker(parser)
    add_config_arguments(parser)
    args = parser.parse_args(argv)
    config = config_from(args, parser)
    if args.foreground:
        go(config, args)
    else:
        fork_worker(config, args)


if __name__ == "__main__":
    main()
