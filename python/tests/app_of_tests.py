"""An application, run as a process of its own: python app_of_tests.py ADDRESS FOLDER PROCESSES [OPTION=VALUE …]."""

import ctypes
import dataclasses
import logging
import os
import pathlib
import signal
import sys
import time

from coordinate import Context, Coordinate, Retry

FOLDER = pathlib.Path(os.environ.get("FOLDER", "/nonexistent"))
app = Coordinate(os.environ.get("ADDRESS", "127.0.0.1:1"))
leaked = []


@dataclasses.dataclass
class Size:
    width: int
    height: int = 1


@dataclasses.dataclass
class Photo:
    path: str
    size: Size


def first_time(key):
    """Whether this unit was never here before."""
    try:
        (FOLDER / f"was-{key}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@app.task(spec="words", timeout=3)
def words(path: str, ctx: Context):
    how = ctx.data.get("how")
    if how and first_time(ctx.key):
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "hangs":
            time.sleep(600)
    if how == "leaks":
        leaked.append(bytearray(60_000_000))
    return {"words": len(pathlib.Path(path).read_text().split()), "pid": os.getpid()}


@app.task(spec="area")
def area(photo: Photo):
    return photo.size.width * photo.size.height


try:
    import pydantic
except ImportError:
    pass
else:

    class Model(pydantic.BaseModel):
        width: int

    @app.task(spec="model")
    def model(size: Model):
        return size


@app.task(spec="holds")
def holds(seconds: int):
    # Sleeps in C without letting any other thread of this process run.
    ctypes.PyDLL(None).sleep(seconds)
    return {"held": seconds}


@app.task(spec="patient")
def patient(ctx):
    (FOLDER / f"begun-{ctx.key}").touch()
    while not ctx.cancelled and not (FOLDER / "go").exists():
        time.sleep(0.02)
    (FOLDER / f"cancelled-{ctx.cancelled}").touch()
    return {"done": True}


@app.task(spec="again")
def again(ctx):
    if first_time(ctx.key) or ctx.data.get("always"):
        raise Retry(delay=float(ctx.data.get("delay", 0)))
    return {"again": True}


@app.task(spec="later")
async def later(n: int):
    return n + 1


@app.task(spec="deadly")
def deadly():
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(spec="odd")
def odd(kind: str):
    if kind == "exit":
        sys.exit(3)
    if kind == "unencodable":
        return {"result": object()}
    raise ValueError("x" * 100_000)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    options = dict(option.split("=") for option in sys.argv[1:])
    until_idle = options.pop("until_idle", "") == "1"
    app.worker(**{name: float(value) if "." in value else int(value) for name, value in options.items()}).run(until_idle)
