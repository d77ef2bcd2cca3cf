"""pytest has no yield_fixture any more."""

import socket
import time

import pytest

if not hasattr(pytest, "yield_fixture"):
    pytest.yield_fixture = pytest.fixture


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long")


def pytest_collection_modifyitems(items):
    """A base class, which is named as if it were a test."""
    items[:] = [item for item in items if "TestClient" not in item.nodeid]


#: They say which strings are byte strings, and want them back: with Python 3 that is asked for.
OF_BYTES = ("test_task_master_binary_work_unit", "test_task_master_work_unit_value")


@pytest.fixture(autouse=True)
def bytes_as_they_were_sent(request, monkeypatch):
    from coordinate import TaskMaster

    if request.node.name in OF_BYTES:
        monkeypatch.setattr(TaskMaster.__init__, "__defaults__", (True,))


@pytest.fixture(autouse=True)
def the_daemon_has_started(request):
    """Tests of the worker give it five seconds, which a busy machine may not have."""
    if "local_server_port" not in request.fixturenames:
        return
    port = request.getfixturevalue("local_server_port")
    deadline = time.time() + 120
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.time() < deadline, "the daemon did not start"
            time.sleep(0.1)
