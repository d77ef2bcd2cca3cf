"""An application that threads, and processes forked from each other, have in common."""

import os
import signal
import threading

from coordinate import Coordinate


def application(daemon):
    app = Coordinate(daemon.address)

    @app.task(spec="shared")
    def shared(n: int):
        pass

    return app, shared


def test_threads_add_by_one_task(daemon, client):
    app, shared = application(daemon)

    def add(number):
        for i in range(20):
            shared.add(i, key=f"{number}-{i}")
        shared.map(range(50), key=lambda i: f"{number}-many-{i}", batch=10)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert app.counts(shared)["available"] == 8 * 70
    app.client.close()


def test_forked_processes_add_by_one_task_whatever_other_threads_were_at(daemon, client):
    app, shared = application(daemon)
    shared.add(0, key="first")
    app._declared.clear()
    children = []
    # As when a thread declares a task at the moment of the fork.
    with app._declaring:
        for number in range(4):
            pid = os.fork()
            if pid == 0:
                status = 1
                try:
                    signal.alarm(60)
                    for i in range(20):
                        shared.add(i, key=f"{number}-{i}")
                    status = 0
                finally:
                    os._exit(status)
            children.append(pid)
    shared.add(0, key="last")
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
    assert app.counts(shared)["available"] == 4 * 20 + 2
    app.client.close()
