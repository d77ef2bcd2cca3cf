"""How fast a queue adds jobs and works them off: python measure.py QUEUE ADDED PROCESSES WARMUP SECONDS.

QUEUE is a module of this folder, BENCH_URL says where its server is. The module has `prepare()`, `add(count)`, `left()`, and
`worker(processes)`, which starts what works and returns its processes. Lines of JSON say how it goes.
"""

import importlib
import json
import os
import signal
import sys
import time

TICK = os.sysconf("SC_CLK_TCK")


def say(event, **more):
    print(json.dumps(dict(event=event, **more)), flush=True)


def tree_seconds(roots):
    """CPU seconds of processes and of all below them."""
    parents, used = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry)] = int(fields[1])
            used[int(entry)] = (int(fields[11]) + int(fields[12])) / TICK
    tree = list(roots)
    for pid in tree:
        tree += [child for child, parent in parents.items() if parent == pid]
    return sum(used.get(pid, 0) for pid in tree)


def main():
    name, added, processes, warmup, seconds = sys.argv[1], *map(float, sys.argv[2:])
    queue = importlib.import_module(name)
    queue.prepare()
    say("begin", what="adding")
    begun, cpu = time.perf_counter(), time.process_time()
    queue.add(int(added))
    elapsed = time.perf_counter() - begun
    say("end", what="adding", jobs=int(added), seconds=elapsed, cpu=time.process_time() - cpu)
    workers = queue.worker(int(processes))
    try:
        before = queue.left()
        while queue.left() > before - 100:
            time.sleep(0.05)
        time.sleep(warmup)
        roots = [worker.pid for worker in workers]
        first, cpu, begun = queue.left(), tree_seconds(roots), time.perf_counter()
        say("begin", what="working")
        left = first
        while time.perf_counter() - begun < seconds and left > before * 0.02:
            time.sleep(0.1)
            left = queue.left()
        elapsed = time.perf_counter() - begun
        say("end", what="working", jobs=first - left, seconds=elapsed, cpu=tree_seconds(roots) - cpu)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        deadline = time.time() + 5
        for worker in workers:
            try:
                worker.wait(max(0.1, deadline - time.time()))
            except Exception:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()


main()
