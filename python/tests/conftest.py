"""The daemon of this repository, unless COORDINATED says another."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("COORDINATED", f"node {ROOT / 'dist' / 'main.js'}")

from coordinate.testing import coordinated  # noqa: E402, F401


@pytest.fixture
def daemon(coordinated):  # noqa: F811
    """The daemon, empty."""
    coordinated.clear()
    return coordinated


@pytest.fixture
def client(daemon):
    with daemon.task_master() as opened:
        yield opened
