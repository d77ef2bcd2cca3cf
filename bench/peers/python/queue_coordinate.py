import os

from coordinate import Coordinate
from processes import start

app = Coordinate(os.environ["BENCH_URL"])


@app.task(spec="noop")
def noop(n: int):
    pass


def prepare():
    app.client.call("clear")


def add(count):
    noop.map(range(count))


def worker(processes):
    return [start("-c", "from coordinate.commands import main; main()", "-q", "worker", "queue_coordinate:app", "--processes", str(processes))]


def left():
    counts = app.counts(noop)
    return counts["available"] + counts["pending"]
