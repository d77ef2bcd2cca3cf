import os

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from processes import start

broker = RedisBroker(url=os.environ["BENCH_URL"])
dramatiq.set_broker(broker)


@dramatiq.actor
def noop(n):
    pass


server = redis.Redis.from_url(os.environ["BENCH_URL"])


def prepare():
    server.flushall()


def add(count):
    for n in range(count):
        noop.send(n)


def worker(processes):
    threads = os.environ.get("BENCH_THREADS", "8")
    return [start("dramatiq", "queue_dramatiq", "--processes", str(processes), "--threads", threads, "--skip-logging")]


def left():
    return server.hlen("dramatiq:default.msgs")
