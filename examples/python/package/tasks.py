"""Counts the words of files: `coordinate worker tasks:app --processes 4 --until-idle`, after `count.map(paths, key=str)`."""

from __future__ import annotations

import pathlib

from coordinate import Coordinate

app = Coordinate("127.0.0.1:5932")


@app.task(spec="words", max_retries=3)
def count(path: str) -> dict[str, int]:
    return {"words": len(pathlib.Path(path).read_text(errors="replace").split())}
