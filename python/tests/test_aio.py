"""asyncio: the client and the worker."""

import asyncio
import sys
import threading
import time

import pytest

from coordinate import AVAILABLE, Coordinate, RemoteError
from coordinate.aio import Client, Worker

from late_claims import late_claims  # noqa: I001


def test_calls_side_by_side(daemon):
    async def session():
        async with Client(daemon.address) as client:
            await client.call("set_work_spec", {"name": "s"})
            added = [client.call("add_work_units", "s", [str(n)]) for n in range(500)]
            assert await asyncio.gather(*added) == [[True, None]] * 500
            assert await client.call("count_work_units", "s") == [{1: 500}, None]
            with pytest.raises(RemoteError, match="no such method"):
                await client.call("nonsense")
            assert await client.call("clear") == 1

    asyncio.run(session())


def test_waits_for_work(daemon):
    async def session():
        async with Client(daemon.address) as waiting, Client(daemon.address) as client:
            await client.call("set_work_spec", {"name": "s"})
            begun = time.monotonic()
            given = asyncio.ensure_future(waiting.get_work("w", wait=50))
            while not given.done() and time.monotonic() - begun < 0.5:
                await asyncio.sleep(0.05)
            assert not given.done()
            await client.call("add_work_units", "s", ["a"])
            assert await given == [("s", b"a", {})]
            assert time.monotonic() - begun < 40

    asyncio.run(session())


def test_a_worker_that_waits_for_work_ends_at_once(daemon):
    app = Coordinate(daemon.address)

    @app.task(spec="rare")
    async def rare():
        return {"done": True}

    async def session():
        worker = Worker(app)
        running = asyncio.ensure_future(worker.run())
        await asyncio.sleep(0.5)
        rare.add(key="a")
        while not app.counts(rare)["finished"]:
            await asyncio.sleep(0.05)
        stopped = time.monotonic()
        worker.stop()
        await running
        # Before the daemon would have answered.
        assert time.monotonic() - stopped < 15

    asyncio.run(session())
    app.client.close()


def test_nothing_is_left_of_a_claim_that_the_daemon_reads_when_the_worker_has_gone(daemon, client):
    with late_claims(daemon.address) as network:
        app = Coordinate(network.address)

        @app.task(spec="rare")
        async def rare():
            return {"done": True}

        rare.add(key="a")

        async def session():
            worker = Worker(app)
            running = asyncio.ensure_future(worker.run())
            await asyncio.to_thread(network.under_way.wait, 60)
            worker.stop()
            await running

        asyncio.run(session())
        app.client.close()
        assert network.delivered.wait(60)
    assert client.get_work_unit_status("rare", "a")["status"] == AVAILABLE


def test_a_daemon_that_goes_away_fails_the_calls_that_wait():
    async def session():
        async def silent(reader, writer):
            await reader.read(1)
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        client = Client("127.0.0.1:%d" % server.sockets[0].getsockname()[1])
        with pytest.raises(OSError):
            await client.call("now")
        await client.close()
        server.close()

    asyncio.run(session())


def test_a_thousand_units_at_once(daemon, client):
    app = Coordinate(daemon.address)
    together = most = 0

    @app.task(spec="many")
    async def many(n: int):
        nonlocal together, most
        together += 1
        most = max(most, together)
        # All of them have begun before any ends.
        while most < 1000:
            await asyncio.sleep(0.02)
        together -= 1
        if n == 7:
            raise ValueError("seven")
        return {"n": n, "square": n * n}

    many.map(range(1000), key=str)
    asyncio.run(Worker(app, concurrency=1000).run(until_idle=True))
    assert most == 1000
    assert app.counts(many) == {"available": 0, "pending": 0, "finished": 999, "failed": 1}
    assert client.get_work_units("many", ["9"]) == [("9", {"n": 9, "square": 81})]
    assert "ValueError: seven" in client.get_work_unit_status("many", "7")["traceback"]
    app.client.close()


def test_leases_are_renewed_while_the_loop_is_busy(daemon, client):
    app = Coordinate(daemon.address)

    @app.task(spec="busy")
    async def busy():
        time.sleep(4)

    busy.add(key="a")
    asyncio.run(Worker(app, lease=1.5).run(until_idle=True))
    assert app.counts(busy)["finished"] == 1
    app.client.close()


def test_stopping_gives_back_what_does_not_end(daemon, client):
    app = Coordinate(daemon.address)

    @app.task(spec="slow")
    async def slow():
        worker.stop()
        await asyncio.sleep(600)

    slow.add(key="a")
    worker = Worker(app, grace=0.1)
    asyncio.run(worker.run())
    assert app.counts(slow) == {"available": 1, "pending": 0, "finished": 0, "failed": 0}
    app.client.close()


def test_what_takes_too_long_or_exits_fails_its_unit_alone(daemon, client):
    app = Coordinate(daemon.address)
    begun = []
    over = threading.Event()

    @app.on_process_start
    def begin():
        begun.append(asyncio.get_running_loop())

    @app.task(spec="waits", timeout=0.5)
    async def waits(how: str):
        if how == "exits":
            sys.exit(3)
        if how == "hangs":
            await asyncio.sleep(600)

    @app.task(spec="blocks", timeout=0.5)
    def blocks(how: str):
        if how == "exits":
            sys.exit(3)
        if how == "hangs":
            over.wait(60)

    for task in (waits, blocks):
        task.map(["exits", "hangs", "is done"], key=str)
    asyncio.run(Worker(app).run(until_idle=True))
    over.set()
    assert len(begun) == 1
    for task in (waits, blocks):
        assert [key for key, _ in task.finished()] == ["is done"]
        (_, exits), (_, hangs) = task.failed()
        assert exits["traceback"].endswith("SystemExit: 3\n")
        assert hangs["traceback"] == "it took longer than 0.5 s\n"
    app.client.close()
