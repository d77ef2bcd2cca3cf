"""Stepping in where work is under way: units are cancelled, and given other data."""

import asyncio
import time

import app_of_tests
import pytest
from waiting import until

from coordinate import Coordinate, NoSuchWorkSpecError, NoSuchWorkUnitError, PendingError, RemoteError
from coordinate.aio import Client, Worker
from coordinate.cbor import text_keys

#: Seconds; what renews at a third of them hears within that time.
LEASE = 9
#: Seconds that a busy machine may take to notice; with them, it is heard long before the lease is over.
SLACK = 3


@pytest.fixture
def units(client):
    client.set_work_spec({"name": "s", "min_gb": 0})
    client.add_work_units("s", {name: {"n": 1} for name in "abcd"})
    return client


def states(client):
    return {name: client.get_work_unit_status("s", name)["status"] for name in "abcd"}


def claimed(app):
    """The specs of ten units at most, that somebody has claimed by this."""
    units, _ = app.client.call("get_work", "w", {"max_jobs": 10, "runtimes": ["python_3"]})
    return [unit[0] for unit in units]


def test_cancels_units_by_name_by_worker_or_all(daemon, units):
    with Coordinate(daemon.address).client as client:
        units.get_work("w", max_jobs=2)
        units.get_work("other", max_jobs=2)
        assert client.cancel_work_units("s", ["a", b"none"], reason="wrong size") == 1
        assert client.cancel_work_units("s", worker_id="w", release=True) == 1
        assert states(units) == {"a": 5, "b": 1, "c": 3, "d": 3}
        assert client.cancel_work_units("s", "c", worker_id="w") == 0
        assert client.cancel_work_units("s", all=True) == 2
        assert states(units) == {"a": 5, "b": 1, "c": 5, "d": 5}
        for nothing in ({}, {"keys": ["a"], "all": True}):
            with pytest.raises(ValueError, match="all=True"):
                client.cancel_work_units("s", **nothing)
        with pytest.raises(NoSuchWorkSpecError):
            client.cancel_work_units("none", all=True)


def test_edits_units_unless_somebody_is_at_them(daemon, units):
    with Coordinate(daemon.address).client as client:
        [unit] = units.get_work("w", max_jobs=2)[:1]
        with pytest.raises(PendingError):
            client.edit_work_unit("s", unit.key, {"n": 2})
        unit.fail()
        client.edit_work_unit("s", "a", {"n": (2, b"\xff")})
        assert units.get_work_units("s", ["a"]) == [("a", {"n": (2, b"\xff")})]
        assert states(units)["a"] == 5
        with pytest.raises(NoSuchWorkUnitError):
            client.edit_work_unit("s", "none", {})
        with pytest.raises(NoSuchWorkSpecError):
            client.edit_work_unit("none", "a", {})
        with pytest.raises(RemoteError):
            client.edit_work_unit("s", 7, {})


def test_the_same_with_asyncio(daemon, units):
    async def session():
        async with Client(daemon.address) as client:
            [(_, key, _)] = await client.get_work("w")
            with pytest.raises(PendingError):
                await client.edit_work_unit("s", key, {})
            assert await client.cancel_work_units("s", [key], reason="wrong size") == 1
            await client.edit_work_unit("s", key, {"n": 2})
            with pytest.raises(NoSuchWorkSpecError):
                await client.cancel_work_units("none", worker_id="w")
        return key.decode()

    key = asyncio.run(session())
    assert units.get_work_units("s", [key]) == [(key, {"n": 2})]
    assert states(units)[key] == 5


def test_a_task_cancels_and_edits_its_units(app, client):
    task = app_of_tests.area
    photo = app_of_tests.Photo("p", app_of_tests.Size(2, 3))
    task.add(photo, key="a")
    assert claimed(app) == ["area"]
    with pytest.raises(PendingError):
        task.edit("a", photo)
    with pytest.raises(ValueError, match="all=True"):
        task.cancel()
    assert task.cancel("a", "none", reason="wrong size") == 1
    [(_, data)] = task.failed()
    assert data["path"] == "p"
    task.edit("a", app_of_tests.Photo("q", app_of_tests.Size(4)))
    assert client.get_work_units("area", ["a"]) == [("a", {"path": "q", "size": {"width": 4, "height": 1}})]


def test_a_task_sees_that_it_is_cancelled_within_a_third_of_its_lease(app, client, start, tmp_path):
    app_of_tests.patient.add(key="a")
    start(processes=1, lease=LEASE)
    until(lambda: (tmp_path / "begun-a").exists(), "it is begun")
    begun = time.monotonic()
    assert app_of_tests.patient.cancel("a", reason="wrong size") == 1
    until((tmp_path / "cancelled-True").exists, "the task has seen it", LEASE / 3 + SLACK)
    assert time.monotonic() - begun < LEASE
    # What it returned is not kept, and it goes on with others.
    app_of_tests.later.add(1, key="b")
    until(lambda: app.counts("later")["finished"] == 1, "it does others")
    assert app.counts("patient") == {"available": 0, "pending": 0, "finished": 0, "failed": 1}
    assert "done" not in dict(client.get_work_units("patient"))["a"]


def test_a_task_of_asyncio_sees_it_as_soon(daemon, client):
    app = Coordinate(daemon.address)
    seen = []

    @app.task(spec="patient")
    async def patient(ctx):
        begun = time.monotonic()
        cancelled = await asyncio.to_thread(patient.cancel, ctx.key)
        while not ctx.cancelled and time.monotonic() - begun < LEASE:
            await asyncio.sleep(0.02)
        seen.append((cancelled, time.monotonic() - begun))
        return {"done": True}

    patient.add(key="a")
    asyncio.run(Worker(app, lease=LEASE).run(until_idle=True))
    [(cancelled, seconds)] = seen
    assert cancelled == 1
    assert seconds < LEASE / 3 + SLACK
    assert app.counts(patient)["failed"] == 1
    assert dict(patient.failed())["a"].get("done") is None
    app.client.close()


def test_tasks_say_how_fast_and_after_what_they_are_handed_out(daemon, client):
    app = Coordinate(daemon.address)

    @app.task(rate_limit={"units": 2, "per": 3600})
    def fetch(n: int):
        pass

    @app.task(after=[fetch, "parse"], retry=3)
    def report(n: int):
        pass

    @app.task(after=report)
    def mail(n: int):
        pass

    assert report.spec["flow"] == {"after": ["fetch", "parse"], "retry": 3}
    assert mail.spec["flow"] == {"after": ["report"]}
    for task in (fetch, report, mail):
        task.map(range(3), key=str)
    meta = text_keys(app.client.call("get_work_spec_meta", "fetch")[0])
    assert text_keys(text_keys(meta["flow"])["rate_limit"])["units"] == 2
    # As many as there are tokens, and nothing of what comes after.
    assert claimed(app) == ["fetch", "fetch"]
    assert claimed(app) == []
    client.del_work_units("fetch", ["0", "1", "2"])
    assert claimed(app) == ["report"] * 3
    app.client.close()
