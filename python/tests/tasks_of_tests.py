"""What the workers of the tests run."""

import os
import pathlib
import time


def double(work_unit):
    work_unit.data["doubled"] = work_unit.data["n"] * 2


def hang(work_unit, path):
    pathlib.Path(path).write_text(str(os.getpid()))
    time.sleep(600)
