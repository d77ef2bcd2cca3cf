"""The application of app_of_tests.py, in this process and as workers beside it."""

import functools
import os
import pathlib
import signal
import subprocess
import sys
from contextlib import contextmanager

import app_of_tests
import waiting

APP = pathlib.Path(app_of_tests.__file__)

#: Workers are started and killed.
until = functools.partial(waiting.until, seconds=180)


def of(daemon, monkeypatch):
    """The application, with that daemon as its queue."""
    app = app_of_tests.app
    monkeypatch.setitem(app._client_options, "address", daemon.address)
    app.client = app.new_client()
    app.http_port = daemon.http_port
    app._declared.clear()
    return app


@contextmanager
def workers(daemon, folder):
    """Starts workers, which end with the block. What they log is in `log` of the folder."""
    started = []

    def start(address=None, **options):
        environment = dict(os.environ, ADDRESS=address or daemon.address, FOLDER=str(folder))
        command = [sys.executable, str(APP), *[f"{name}={value}" for name, value in options.items()]]
        with open(folder / "log", "ab") as log:
            started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.send_signal(signal.SIGTERM)
            process.wait()


def idle(start, tmp_path, **options):
    """Runs a worker until nothing is left."""
    worker = start(until_idle=1, **options)
    assert worker.wait() == 0, (tmp_path / "log").read_text()


def data_of(client, spec):
    """The data of all units by name. The daemon answers a thousand of them at once."""
    found = {}
    while True:
        some = client.get_work_units(spec, start=list(found)[-1] if found else None, limit=1000)
        found.update(some)
        if len(some) < 1000:
            return found
