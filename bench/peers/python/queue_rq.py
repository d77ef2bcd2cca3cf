import os

import redis
from processes import start
from rq import Queue

server = redis.Redis.from_url(os.environ["BENCH_URL"])
queue = Queue("default", connection=server)


def noop(n):
    pass


def prepare():
    server.flushall()


def add(count):
    for begin in range(0, count, 1000):
        some = range(begin, min(count, begin + 1000))
        queue.enqueue_many([Queue.prepare_data("queue_rq.noop", args=(n,), result_ttl=0) for n in some])


def worker(processes):
    # Without a process for each job, which is its faster way.
    options = ["-w", "rq.worker.SimpleWorker", "--logging-level", "ERROR"]
    return [start("rq", "worker-pool", "default", "-u", os.environ["BENCH_URL"], "-n", str(processes), *options)]


def left():
    return server.llen("rq:queue:default")
