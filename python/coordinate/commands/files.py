"""Files of work units: a JSON map of names and data on each line, comments after #."""

from __future__ import annotations

import gzip
import json
import sys
from typing import Any, Iterable, Iterator, List, TextIO, Tuple, cast

from ..task_master import TaskMaster
from .terminal import progress

#: Units that are added by one call. The historic command adds all of a file at once, which a message has no room for if they are many.
AT_ONCE = 5000


def opened_units(path: str) -> TextIO:
    """Opens a file, compressed if its name ends in .gz; `-` is standard input."""
    if path == "-":
        return sys.stdin
    if path.endswith(".gz"):
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8"))
    return open(path, encoding="utf-8")


def read_units(lines: Iterable[str]) -> Iterator[Tuple[str, Any]]:
    """Names and data of all lines; a ValueError says on which line there is no such map."""
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            unit = json.loads(line)
        except ValueError as error:
            raise ValueError(f"line {number} is not JSON: {error}") from error
        if not isinstance(unit, dict):
            raise ValueError(f"line {number} is not a map of names and data")
        yield from unit.items()


def add_units(task_master: TaskMaster, spec: str, units: List[Tuple[str, Any]]) -> None:
    """Adds units, and shows how far it is."""
    with progress("adding", len(units)) as advance:
        for start in range(0, max(1, len(units)), AT_ONCE):
            some = units[start : start + AT_ONCE]
            task_master.add_work_units(spec, some)
            advance(len(some))
