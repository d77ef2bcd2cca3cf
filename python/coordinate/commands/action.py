"""What a command is: its arguments, and what it does with a queue."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, TextIO

import yaml

from ..task_master import TaskMaster

Arguments = argparse.Namespace


class Session:
    """What commands share: configuration, the connection, and the status that the program ends with."""

    def __init__(self, config: Mapping[str, Any], out: TextIO) -> None:
        self.config = config
        self.out = out
        self.status = 0
        self._task_master: Optional[TaskMaster] = None

    @property
    def task_master(self) -> TaskMaster:
        if self._task_master is None:
            self._task_master = TaskMaster(self.config["coordinate"])
        return self._task_master

    def write(self, text: str) -> None:
        self.out.write(text)


class Action(NamedTuple):
    """A command by its name."""

    about: str
    add_arguments: Callable[[argparse.ArgumentParser], Any]
    do: Callable[[Session, Arguments], Any]

    def parser(self, name: str) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(prog=name, description=self.about)
        self.add_arguments(parser)
        return parser


Actions = Dict[str, Action]

STATES: List[str] = ["available", "pending", "blocked", "finished", "failed"]


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """For commands without any."""


def existing_path(string: str) -> str:
    """An argument that is a path to something that is there."""
    if not os.path.exists(string):
        raise argparse.ArgumentTypeError(f"path {string!r} does not exist")
    return string


def existing_path_or_minus(string: str) -> str:
    """The same, or `-` for standard input."""
    return string if string == "-" else existing_path(string)


def add_spec_file(parser: Any, required: bool = True) -> None:
    """-w FILE: a work spec in a file."""
    options: Dict[str, Any] = {"required": True} if required else {}
    parser.add_argument(
        "-w",
        "--work-spec",
        dest="work_spec_path",
        metavar="FILE",
        type=existing_path,
        help="YAML or JSON file with the work spec",
        **options,
    )


def add_spec_name(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Either a file, or -W NAME."""
    group = parser.add_mutually_exclusive_group(required=required)
    add_spec_file(group, required=False)
    group.add_argument("-W", "--work-spec-name", metavar="NAME", help="name of the work spec")


def add_units_file(parser: Any) -> None:
    """-u FILE: units, a JSON map on each line."""
    parser.add_argument(
        "-u",
        "--work-units",
        metavar="FILE",
        dest="work_units_path",
        type=existing_path_or_minus,
        help="file with a JSON map of names and data on each line; - is standard input",
    )


def add_state(parser: argparse.ArgumentParser, about: str) -> None:
    parser.add_argument("-s", "--status", choices=STATES, help=about)


def spec_of(args: Arguments) -> Dict[str, Any]:
    """The work spec that -w names."""
    with open(args.work_spec_path, encoding="utf-8") as stream:
        spec: Dict[str, Any] = yaml.safe_load(stream)
    return spec


def spec_name_of(args: Arguments) -> str:
    """The name that -W gives, or that of the spec that -w names."""
    return args.work_spec_name or str(spec_of(args)["name"])


def confirmed(question: str) -> bool:
    """Asks at the terminal."""
    sys.stdout.flush()
    return input(question).lower() in ("y", "yes")
