import os

import redis
from celery import Celery
from processes import start

app = Celery("queue_celery", broker=os.environ["BENCH_URL"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=64, worker_send_task_events=False)


@app.task(ignore_result=True)
def noop(n):
    pass


server = redis.Redis.from_url(os.environ["BENCH_URL"])


def prepare():
    server.flushall()


def add(count):
    with app.producer_pool.acquire(block=True) as producer:
        for n in range(count):
            noop.apply_async((n,), producer=producer)


def worker(processes):
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
    return [start("celery", "-A", "queue_celery", "worker", "--pool=prefork", f"--concurrency={processes}", *quiet)]


def left():
    return server.llen("celery") + server.hlen("unacked")
