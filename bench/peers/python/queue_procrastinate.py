import os

import procrastinate
import psycopg
from processes import start

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_URL"]))
database = psycopg.connect(os.environ["BENCH_URL"], autocommit=True)


@app.task(name="noop", queue="load")
async def noop(n):
    pass


def prepare():
    with app.open():
        app.schema_manager.apply_schema()


def add(count):
    with app.open():
        for begin in range(0, count, 1000):
            some = range(begin, min(count, begin + 1000))
            noop.batch_defer(*[{"n": n} for n in some])
    database.execute("VACUUM ANALYZE procrastinate_jobs")


def worker(processes):
    concurrency = os.environ.get("BENCH_CONCURRENCY", "20")
    options = ["--queues=load", f"--concurrency={concurrency}", "--delete-jobs=successful"]
    return [start("procrastinate", "--app=queue_procrastinate.app", "--log-level=error", "worker", *options) for _ in range(processes)]


def left():
    return database.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'").fetchone()[0]
