"""The historic client against a daemon."""

import os
import pickle
import random
import threading
import uuid

import pytest

from coordinate import (
    AVAILABLE,
    FAILED,
    FINISHED,
    PENDING,
    ProgrammerError,
    RemoteError,
    TaskMaster,
    WorkUnit,
)
from coordinate.testing import Daemon

SPEC = {"name": "s", "min_gb": 0.1}


def test_a_unit_from_adding_to_its_end(client):
    assert client.set_work_spec(SPEC) is True
    assert client.get_work_spec("s") == SPEC
    assert client.get_work_spec("other") is None
    assert client.add_work_units("s", {"a": {"n": 1}}) is True
    assert client.add_work_units("other", {"a": {}}) is False
    unit = client.get_work("w")
    assert isinstance(unit, WorkUnit)
    assert (unit.work_spec_name, unit.key, unit.data, unit.worker_id) == ("s", "a", {"n": 1}, "w")
    assert client.get_work("w") is None
    assert client.get_work("w", max_jobs=2) == []
    assert client.get_work_unit_status("s", "a")["status"] == PENDING
    assert unit.update() is True
    unit.data["n"] = 2
    assert unit.finish() is True
    assert client.get_work_unit_status("s", ["a", "b"])[0]["status"] == FINISHED
    assert client.get_work_unit_status("s", ["b"]) == [None]
    assert client.get_work_units("s") == [("a", {"n": 2})]
    assert client.count_work_units("s") == {FINISHED: 1}
    assert client.status("s") == {
        "num_available": 0,
        "num_blocked": 0,
        "num_failed": 0,
        "num_finished": 1,
        "num_pending": 0,
        "num_tasks": 1,
    }
    assert client.list_finished_work_units("s") == {"a": {"n": 2}}
    assert client.list_work_units("s") == {}
    assert client.retry("s", "a") is True
    assert client.retry("s", "a", "none") is False
    assert client.del_work_units("s", state=FAILED) == 0
    assert client.del_work_units("s", ["a"], state=AVAILABLE) == 1
    assert client.del_work_spec("s") is True


def test_a_unit_that_another_has_by_now_is_left_alone(client):
    client.set_work_spec(SPEC)
    client.add_work_units("s", ["a"])
    late = client.get_work("late")
    client.retry("s", "a")
    mine = client.get_work("other")
    assert mine.key == "a"
    assert late.finish() is False
    assert client.get_work_unit_status("s", "a")["worker_id"] == "other"
    assert mine.retry() is True
    assert client.get_work_unit_status("s", "a")["status"] == AVAILABLE


def test_fails_with_the_traceback_of_what_is_handled(client):
    client.set_work_spec(dict(SPEC, module="os", run_function="no_such_function"))
    client.add_work_units("s", ["a"])
    unit = client.get_work("w")
    try:
        unit.run()
    except AttributeError as error:
        unit.fail(error)
    assert "no_such_function" in client.get_work_unit_status("s", "a")["traceback"]


@pytest.mark.parametrize("binary", [False, True])
def test_bytes_come_back_as_text_where_they_are(daemon, binary):
    client = daemon.task_master(binary=binary)
    client.set_work_spec(SPEC)
    identity = uuid.uuid4()
    data = {b"k": [b"v", "t", (b"\xff", 2**70), {("k", 1): identity}], "f": 1.0}
    client.add_work_units("s", [(b"a", data), (b"\xff", {})])
    units = client.get_work_units("s")
    if binary:
        assert units == [(b"a", data), (b"\xff", {})]
    else:
        texts = {"k": ["v", "t", (b"\xff", 2**70), {("k", 1): identity}], "f": 1.0}
        assert units == [("a", texts), (b"\xff", {})]
    assert client.get_work_unit_status("s", b"a")["status"] == AVAILABLE
    client.close()


def test_workers(client):
    client.worker_register("p")
    client.worker_register("c", environment={"pid": 1}, parent="p")
    assert client.workers() == {"c": "", "p": ""}
    assert client.get_heartbeat("c")["pid"] == 1
    assert client.get_heartbeat("none") is None
    assert client.mode_counts() == {"": 2}
    client.set_work_spec(SPEC)
    client.add_work_units("s", ["a"])
    assert client.get_child_work_units("p") == {}
    client.get_work("c")
    [unit] = client.get_child_work_units("p")["c"]
    assert (unit.key, unit.worker_id) == ("a", "c")
    assert unit.expires > 0
    client.worker_unregister("c")
    assert client.workers() == {"p": ""}


def test_flows(client):
    flow = {"f": {"one": {"min_gb": 1, "then": "f.two"}, "two": {"min_gb": 1, "config": {"a": None, "b": {"c": 1}}}}}
    client.add_flow(flow, config={"a": 1, "b": {"d": 2}})
    assert client.get_work_spec("f.two")["config"] == {"b": {"c": 1, "d": 2}}
    assert [spec["name"] for spec in client.iter_work_specs(limit=1)] == ["f.one"]
    assert [name for name, _ in client.list_work_specs()[0]] == ["f.one", "f.two"]
    with pytest.raises(ProgrammerError, match=r"other"):
        client.add_flow({"one": {"min_gb": 1, "then": "other"}}, config={})
    assert client.clear() == 2


def test_says_what_is_wrong(client):
    with pytest.raises(ProgrammerError, match="name"):
        client.set_work_spec({"min_gb": 1})
    with pytest.raises(ProgrammerError, match="min_gb"):
        client.set_work_spec({"name": "s"})
    with pytest.raises(RemoteError, match="no such method"):
        client._rpc("nonsense", ())
    with pytest.raises(AssertionError, match="lease_time too big"):
        client.get_work("w", lease_time=24 * 3600)
    # And the connection is as good as before.
    assert client.clear() == 0


def test_goes_on_with_a_daemon_that_was_restarted():
    # Not one that the system may give to another connection meanwhile.
    port = random.randrange(10_000, 32_768)
    with Daemon(port=port) as first:
        client = first.task_master(base_retry_seconds=0.05)
        client.clear()
        first.kill()
        with Daemon(port=port):
            assert client.set_work_spec(SPEC) is True
            client.close()


def test_threads_share_a_client(client):
    client.set_work_spec(SPEC)

    def add(number):
        for i in range(50):
            client.add_work_units("s", [f"{number}-{i}"])

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.count_work_units("s") == {AVAILABLE: 400}


def test_a_forked_process_has_a_connection_of_its_own(client):
    client.set_work_spec(SPEC)
    children = []
    for number in range(8):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                for i in range(20):
                    client.add_work_units("s", [f"{number}-{i}"])
                    assert client.get_work_spec("s") == SPEC
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
        assert client.get_work_spec("s") == SPEC
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 8
    assert client.count_work_units("s") == {AVAILABLE: 160}


def test_a_client_goes_to_another_process_by_pickle(client):
    copied = pickle.loads(pickle.dumps(client))
    assert isinstance(copied, TaskMaster)
    assert copied.clear() == 0
    copied.close()
