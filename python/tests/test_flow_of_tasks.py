"""Tasks that say how their units flow."""

import asyncio
import time

from coordinate import Coordinate, Fail
from coordinate.aio import Worker
from coordinate.cbor import text_keys


def test_tasks_say_when_they_are_called_and_tried_again(daemon):
    app = Coordinate(daemon.address)
    calls = []

    @app.task(schedule="* * * * * *", retry={"attempts": 2})
    def sweep(scheduled, previous):
        calls.append((scheduled, previous))

    assert sweep.spec["flow"] == {"retry": {"attempts": 2}, "schedule": "* * * * * *"}
    app.declare(sweep)
    # Declared once more, as by another worker, it is as it is there, and what was changed of it stays.
    app.client.call("control_work_spec", "sweep", {"weight": 7})
    app._declared.clear()
    app.declare(sweep)
    meta = text_keys(app.client.call("get_work_spec_meta", "sweep")[0])
    assert meta["weight"] == 7
    assert text_keys(text_keys(meta["flow"])["retry"])["attempts"] == 2
    assert meta["next_slot"] > 0
    deadline = time.monotonic() + 120
    while app.counts(sweep)["available"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    ((name, data),) = list(app.units(sweep, 1, 10))[:1]
    sweep.run(data, None)
    assert calls == [(name, None)]


def test_a_unit_is_tried_again_unless_it_fails_for_good(daemon):
    app = Coordinate(daemon.address)

    called = []

    @app.task(spec="fails", retry={"attempts": 3, "delay": 3600})
    def fails(how):
        called.append(how)
        error = ValueError("of no use")
        if how == "plainly":
            raise error
        raise Fail(final=how == "for good") from error

    for how in ("plainly", "for good", "not for good"):
        fails.add(how, key=how)

    async def session():
        worker = Worker(app)
        running = asyncio.ensure_future(worker.run())
        deadline = time.monotonic() + 60
        while len(called) < 3 or app.counts(fails)["pending"]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        worker.stop()
        await running

    asyncio.run(session())
    # Those that are to be tried again wait for that.
    assert app.counts(fails) == {"available": 2, "pending": 0, "finished": 0, "failed": 1}
    ((name, data),) = list(fails.failed())
    assert name == "for good"
    assert data["traceback"].endswith("ValueError: of no use\n")
