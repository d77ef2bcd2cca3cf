"""The program: options, one command, or a prompt for many."""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
from typing import List, NoReturn, Optional, Sequence

from ..settings import set_global_config
from ..settings_args import add_config_arguments, config_from
from . import specs, units, workers
from .action import Actions, Session

ACTIONS: Actions = {**specs.ACTIONS, **units.ACTIONS, **workers.ACTIONS}

PROMPT = "coordinatec> "


def main(argv: Optional[Sequence[str]] = None) -> NoReturn:
    """Ends with 0; 1 if the command could not be carried out; 2 for wrong arguments, and for `run_one` without work."""
    parser = argparse.ArgumentParser(prog="coordinate")
    add_config_arguments(parser)
    parser.add_argument("--verbose", "-v", action="count", default=0, help="produce more output")
    parser.add_argument("--quiet", "-q", action="count", default=0, help="produce less output")
    parser.add_argument("--debug", action="append", default=[], metavar="LOGGER", help="log all of this logger")
    parser.add_argument("action", nargs="?", choices=[*ACTIONS, "help", "quit"], help="what to do; without it, there is a prompt")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="arguments of the action")
    args = parser.parse_args(argv)
    config = config_from(args, parser)
    _log(args)
    session = Session(set_global_config(config), sys.stdout)
    if args.action is None:
        _prompt(session)
    else:
        _carry_out(session, args.action, args.arguments)
    sys.stdout.flush()
    sys.exit(session.status)


def _log(args: argparse.Namespace) -> None:
    # Without options, warnings. The worker of today's API says what it does, as its users expect, unless it is told to be quiet.
    usual = logging.INFO if args.action == "worker" else logging.WARNING
    level = usual + 10 * (args.quiet - args.verbose)
    logging.basicConfig(level=max(1, level), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in args.debug:
        logging.getLogger(name).setLevel(logging.DEBUG)


def _carry_out(session: Session, name: str, arguments: List[str]) -> None:
    """Carries a command out. Wrong arguments end the program with 2, as argparse has it."""
    if name == "quit":
        return
    if name == "help":
        _help(session, arguments)
        return
    action = ACTIONS[name]
    args = action.parser(name).parse_args(arguments)
    try:
        action.do(session, args)
    except BrokenPipeError:
        raise
    except Exception as error:
        logging.getLogger(__name__).debug("%s", name, exc_info=True)
        sys.stdout.flush()
        sys.stderr.write(f"{name}: {type(error).__name__}: {error}\n")
        session.status = 1


def _help(session: Session, topics: List[str]) -> None:
    if not topics:
        session.write("Commands (help COMMAND says more):\n\n")
        for name in sorted(ACTIONS):
            session.write(f"  {name:12} {ACTIONS[name].about}\n")
    elif topics[0] in ACTIONS:
        session.write(ACTIONS[topics[0]].parser(topics[0]).format_help())
    else:
        session.write(f"*** No help on {topics[0]}\n")


def _prompt(session: Session) -> None:
    while True:
        try:
            words = shlex.split(input(PROMPT))
        except EOFError:
            session.write("\n")
            return
        except ValueError as error:
            session.write(f"*** {error}\n")
            continue
        if words[:1] == ["quit"]:
            return
        if words and words[0] not in (*ACTIONS, "help"):
            session.write(f"*** Unknown syntax: {' '.join(words)}\n")
        elif words:
            try:
                _carry_out(session, words[0], words[1:])
            except SystemExit:
                pass
            # A mistake at the prompt is not how the program ends.
            session.status = 0
