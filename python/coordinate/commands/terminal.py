"""What is written for people: tables and progress, drawn by rich where it is installed (`pip install 'coordinate-client[cli]'`) and there
is a terminal; otherwise as plain as ever."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Iterator, Sequence

if TYPE_CHECKING:
    from .action import Session

try:
    import rich.box
    import rich.console
    import rich.markup
    import rich.progress
    import rich.table
except ImportError:
    HAS_RICH = False
else:
    HAS_RICH = True

Row = Sequence[Any]


def _plain(titles: Sequence[str], rows: Sequence[Row]) -> str:
    return "".join("\t".join(str(cell) for cell in row) + "\n" for row in rows)


def write_table(
    session: "Session",
    titles: Sequence[str],
    rows: Sequence[Row],
    plain: Callable[[Sequence[str], Sequence[Row]], str] = _plain,
) -> None:
    """Numbers are aligned to the right. `plain` is how it looks where nobody looks at it, or without rich."""
    if not (HAS_RICH and session.out.isatty()):
        session.write(plain(titles, rows))
        return
    table = rich.table.Table(box=rich.box.SIMPLE_HEAD)
    numbers = [bool(rows) and all(isinstance(row[column], int) for row in rows) for column in range(len(titles))]
    for title, is_number in zip(titles, numbers):
        table.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*[f"{cell:,}" if isinstance(cell, int) else rich.markup.escape(str(cell)) for cell in row])
    rich.console.Console(file=session.out).print(table)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], Any]]:
    """Shows on standard error how far something is, if that is a terminal. What it yields is told of each step."""
    if not (HAS_RICH and sys.stderr.isatty()):
        yield lambda count: None
        return
    with rich.progress.Progress(console=rich.console.Console(stderr=True), transient=True) as shown:
        bar = shown.add_task(what, total=total)
        yield lambda count: shown.advance(bar, count)
