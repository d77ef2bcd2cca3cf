"""The daemon of this repository, unless COORDINATED says another."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("COORDINATED", f"node {ROOT / 'dist' / 'main.js'}")

from coordinate.testing import coordinated  # noqa: E402, F401

from running import of, workers  # noqa: E402, I001


@pytest.fixture
def daemon(coordinated):  # noqa: F811
    """The daemon, empty."""
    coordinated.clear()
    return coordinated


@pytest.fixture
def client(daemon):
    with daemon.task_master() as opened:
        yield opened


@pytest.fixture
def app(daemon, monkeypatch):
    """The application of app_of_tests.py, with the daemon as its queue."""
    application = of(daemon, monkeypatch)
    yield application
    application.client.close()


@pytest.fixture
def start(daemon, tmp_path):
    """Starts a worker of it. What it logs is in `log`."""
    with workers(daemon, tmp_path) as run:
        yield run
