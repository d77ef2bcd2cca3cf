"""The worker of today's API against a daemon, with app_of_tests.py."""

import hashlib
import json
import os
import pathlib
import re
import signal
import time
import urllib.request

import app_of_tests
import pytest
from late_claims import late_claims
from running import data_of, idle, of, until

from coordinate import task
from coordinate.exceptions import RemoteError
from coordinate.testing import Daemon

FILES = 2000


def test_files_by_four_processes_of_which_some_are_killed_hang_or_leak(app, client, start, tmp_path):
    how = {3: "killed", 50: "killed", 120: "killed", 70: "hangs", 200: "leaks"}
    units = []
    for number in range(FILES):
        path = tmp_path / f"{number}.txt"
        path.write_text("word " * number)
        units.append((str(number), {"path": str(path), **({"how": how[number]} if number in how else {})}))
    app.declare(app_of_tests.words)
    client.add_work_units("words", units)
    idle(start, tmp_path, processes=4, recycle_rss=90_000_000)
    assert app.counts("words") == {"available": 0, "pending": 0, "finished": FILES - 1, "failed": 1}
    data = data_of(client, "words")
    assert "longer than 3 s" in data.pop("70")["traceback"]
    assert {name: unit["words"] for name, unit in data.items()} == {str(n): n for n in range(FILES) if n != 70}
    # Four at first, and one more for each that was killed, hung or had grown too large.
    assert len({unit["pid"] for unit in data.values()}) <= 9


def test_arguments_payloads_and_results(app, client, start, tmp_path):
    photo = app_of_tests.Photo("p", app_of_tests.Size(2, 3))
    app_of_tests.area.add(photo, key="a")
    client.add_work_units("area", {"bad": {"path": "p"}, "bytes": {b"path": b"p", b"size": {b"width": 5}}})
    progress = []
    assert app_of_tests.later.map(range(25), key=str, batch=10, progress=progress.append) == 25
    assert progress == [10, 20, 25]
    idle(start, tmp_path, processes=1, threads=4)
    data = data_of(client, "area")
    assert data["a"] == {"path": "p", "size": {"width": 2, "height": 3}, "result": 6}
    assert data["bytes"]["result"] == 5
    assert data["bad"]["traceback"].startswith("PayloadError: area refuses its data: ")
    assert "size" in data["bad"]["traceback"]
    assert data_of(client, "later") == {str(n): {"n": n, "result": n + 1} for n in range(25)}
    assert app_of_tests.area(photo) == 6


def test_what_came_of_units_is_read_by_name_in_pages(app, client, start, tmp_path, monkeypatch):
    monkeypatch.setattr(task, "PAGE", 2)
    assert list(app_of_tests.area.finished()) == list(app_of_tests.area.failed()) == []
    photos = {f"{number}.jpg": app_of_tests.Photo("p", app_of_tests.Size(number)) for number in range(5)}
    app_of_tests.area.map(photos.values(), key=lambda photo: f"{photo.size.width}.jpg")
    client.add_work_units("area", {"bad": {"path": "p"}, b"\xff": {"path": "p"}})
    idle(start, tmp_path, processes=1)
    finished = list(app_of_tests.area.finished())
    assert [name for name, _ in finished] == list(photos)
    assert [data["result"] for _, data in finished] == [0, 1, 2, 3, 4]
    failed = dict(app_of_tests.area.failed())
    assert set(failed) == {"bad", b"\xff"}
    assert "size" in failed["bad"]["traceback"]


def test_a_payload_that_pydantic_refuses(app, client, start, tmp_path):
    pydantic = pytest.importorskip("pydantic")
    from coordinate.context import Context
    from coordinate.payloads import Payload, PayloadError

    class Model(pydantic.BaseModel):
        width: int

    def resize(photo: Model):
        return photo

    payload = Payload(resize)
    payload.hints, payload.whole = {"photo": Model}, "photo"
    context = Context("s", "k", {}, lambda: False)
    assert payload.pack((Model(width=1),), {}) == {"width": 1}
    assert payload.unpack({b"width": 2}, context) == {"photo": Model(width=2)}
    with pytest.raises(PayloadError, match=r"resize refuses its data: 1 validation error for Model\nwidth"):
        payload.unpack({"width": "wide"}, context)


def test_what_pydantic_refuses_fails_its_unit_with_what_is_wrong(app, client, start, tmp_path):
    pytest.importorskip("pydantic")
    app.declare(app_of_tests.app.tasks["model"])
    client.add_work_units("model", {"good": {"width": "12"}, "bad": {"width": "wide"}})
    idle(start, tmp_path, processes=1)
    data = data_of(client, "model")
    assert data["good"] == {"width": 12}
    assert data["bad"]["width"] == "wide"
    assert data["bad"]["traceback"].startswith("PayloadError: model refuses its data: 1 validation error for Model\nwidth\n")


def test_a_worker_that_hangs_past_its_lease_loses_its_unit_and_says_nothing_of_it(app, client, start, tmp_path):
    """All of it is stopped, as by a machine that sleeps; another worker does the unit, and the first comes back."""
    app_of_tests.patient.add(key="a")
    first = start(processes=1, lease=2.0)
    until(lambda: (tmp_path / "begun-a").exists(), "it is begun")
    children = [int(pid) for pid in (pathlib.Path("/proc") / str(first.pid) / "task" / str(first.pid) / "children").read_text().split()]
    for pid in (first.pid, *children):
        os.kill(pid, signal.SIGSTOP)
    (tmp_path / "begun-a").unlink()
    start(processes=1, lease=60)
    until(lambda: (tmp_path / "begun-a").exists(), "another has begun it")
    holder = client.get_work_unit_status("patient", "a")["worker_id"]
    for pid in (*children, first.pid):
        os.kill(pid, signal.SIGCONT)
    until(lambda: (tmp_path / "cancelled-True").exists(), "the first has seen that it lost it")
    assert "no longer ours" in (tmp_path / "log").read_text()
    first.send_signal(signal.SIGTERM)
    assert first.wait() == 0
    assert client.get_work_unit_status("patient", "a")["worker_id"] == holder
    assert app.counts("patient")["pending"] == 1
    (tmp_path / "go").touch()
    until(lambda: app.counts("patient")["finished"] == 1, "the other has done it")
    assert client.get_work_unit_status("patient", "a")["worker_id"] == holder


def test_leases_are_renewed_while_a_task_holds_the_interpreter(app, client, start, tmp_path):
    app_of_tests.holds.add(6, key="a")
    idle(start, tmp_path, processes=1, lease=2.0)
    assert data_of(client, "holds") == {"a": {"held": 6}}
    assert "no longer ours" not in (tmp_path / "log").read_text()


def test_sigterm_lets_what_runs_come_to_its_end_and_gives_the_rest_back(app, client, start, tmp_path):
    app.declare(app_of_tests.patient)
    client.add_work_units("patient", [str(n) for n in range(6)])
    worker = start(processes=2)
    until(lambda: len(list(tmp_path.glob("begun-*"))) == 2, "two are begun")
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    (tmp_path / "go").touch()
    assert worker.wait() == 0
    assert app.counts("patient") == {"available": 4, "pending": 0, "finished": 2, "failed": 0}
    assert client.workers() == {}


def test_nothing_is_left_of_a_claim_that_the_daemon_reads_when_the_worker_has_gone(daemon, app, client, start):
    app.declare(app_of_tests.area)
    with late_claims(daemon.address, 0.8) as network:
        worker = start(address=network.address, processes=1)
        assert network.under_way.wait(60)
        app_of_tests.area.add(app_of_tests.Photo("a", app_of_tests.Size(1)), key="a")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait() == 0
        assert network.delivered.wait(60)
    assert app.counts("area")["pending"] == 0


def test_what_does_not_end_in_time_is_cancelled_and_given_back(app, client, start, tmp_path):
    app_of_tests.patient.add(key="a")
    worker = start(processes=1, grace=0.2)
    until(lambda: (tmp_path / "begun-a").exists(), "it is begun")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert (tmp_path / "cancelled-True").exists()
    assert app.counts("patient")["pending"] == 0


def test_a_unit_that_is_taken_away_is_cancelled(app, client, start, tmp_path):
    app_of_tests.patient.add(key="a")
    start(processes=1, lease=1.5)
    until(lambda: (tmp_path / "begun-a").exists(), "it is begun")
    client.pause_work_spec("patient")
    client.retry("patient", "a")
    until(lambda: (tmp_path / "cancelled-True").exists(), "the task has seen it")
    assert app.counts("patient") == {"available": 1, "pending": 0, "finished": 0, "failed": 0}


def test_retry_now_and_later(app, client, start, tmp_path):
    app_of_tests.again.add(key="now")
    client.add_work_units("again", {"later": {"delay": 1.5}})
    idle(start, tmp_path, processes=2)
    assert data_of(client, "again") == {"now": {"again": True}, "later": {"again": True}}


def test_what_is_done_later_keeps_its_priority_and_counts_its_tries(app, client, start, tmp_path):
    client.set_work_spec({"name": "again", "min_gb": 0, "runtime": "python_3", "max_retries": 2})
    client.add_work_units("again", [("a", {"delay": 0.5, "always": True}, {"priority": 7})])
    idle(start, tmp_path, processes=1)
    assert "too many retries" in data_of(client, "again")["a"]["traceback"]
    http = urllib.request.urlopen(f"http://127.0.0.1:{app.http_port}/namespace/-/work_spec/again/work_unit/a")
    assert json.load(http)["meta"]["priority"] == 7


def test_an_older_daemon_has_it_done_later_too(app, client, start, tmp_path):
    """One that says nothing of delays in its hello: the unit is added anew."""
    from coordinate.outcome import again
    from coordinate.worker.held import Held
    from coordinate.worker.reports import Reports

    client.set_work_spec(dict(name="again", min_gb=0))
    client.add_work_units("again", ["a"])
    unit = client.get_work("w")
    reporting = app.new_client(retries=0)
    reporting._greet = lambda connection: None
    reports = Reports(reporting, "w")
    reports.report(Held("again", unit.key, unit.data, 0.0), again(delay=600))
    reports.flush(time.monotonic() + 30)
    assert reports.waiting == 0
    assert client.get_work_unit_status("again", "a")["status"] == 1
    assert client.get_work("w") is None
    reporting.close()


def test_a_report_that_is_refused_fails_its_unit_alone(tmp_path, monkeypatch):
    """The daemon takes messages of a mebibyte, and one task returns more: the others of its batch are finished."""
    with Daemon(["-max-message", "1MiB"]) as daemon:
        app = of(daemon, monkeypatch)
        from coordinate.outcome import finished
        from coordinate.worker.held import Held
        from coordinate.worker.reports import Reports

        with daemon.task_master() as client:
            client.set_work_spec(dict(name="s", min_gb=0))
            client.add_work_units("s", ["a", "b", "c"])
            units = client.get_work("w", max_jobs=3)
            reporting = app.new_client(retries=0)
            reports = Reports(reporting, "w")
            for unit in units:
                size = 2_000_000 if unit.key == "b" else 10
                reports.report(Held("s", unit.key, unit.data, 0.0), finished({"text": "x" * size}))
            reports.flush(time.monotonic() + 60)
            assert reports.waiting == 0
            assert client.count_work_units("s") == {4: 2, 5: 1}
            assert "what it came to was refused" in client.get_work_unit_status("s", "b")["traceback"]
            reporting.close()


def test_what_kills_its_process_each_time_fails_in_the_end(app, client, start, tmp_path):
    app_of_tests.deadly.add(key="a")
    idle(start, tmp_path, processes=1)
    assert "signal 9 (SIGKILL)" in data_of(client, "deadly")["a"]["traceback"]


def test_odd_ends_fail_their_unit_alone(app, client, start, tmp_path):
    for kind in ("exit", "unencodable", "long"):
        app_of_tests.odd.add(kind, key=kind)
    idle(start, tmp_path, processes=1)
    data = data_of(client, "odd")
    assert "SystemExit: 3" in data["exit"]["traceback"]
    assert "object" in data["unencodable"]["traceback"]
    assert len(data["long"]["traceback"].encode()) <= 16 * 1024


def test_goes_on_with_a_daemon_that_was_restarted(start, tmp_path, monkeypatch):
    flags = ["-backend", f"embedded:{tmp_path / 'queue'}"]
    with Daemon(flags) as first:
        app = of(first, monkeypatch)
        app_of_tests.patient.add(key="a")
        start(first.address, processes=1)
        until(lambda: (tmp_path / "begun-a").exists(), "it is begun")
        port = first.port
        first.kill()
        (tmp_path / "go").touch()
        with Daemon(flags, port=port):
            until(lambda: app.counts("patient")["finished"] == 1, "it is reported")
            app_of_tests.later.add(1, key="b")
            until(lambda: app.counts("later")["finished"] == 1, "and others are done")
            app.client.close()


def claims(app):
    """How often the daemon has answered who asked for work."""
    said = urllib.request.urlopen(f"http://127.0.0.1:{app.http_port}/metrics").read().decode()
    found = re.search(r'^coordinate_rpc_seconds_count\{method="get_work"\} (\S+)$', said, re.MULTILINE)
    return float(found.group(1)) if found else 0


def test_a_worker_that_waits_for_work_does_it_at_once_and_ends_at_once(app, client, start, tmp_path):
    app.declare(app_of_tests.later)
    worker = start(processes=1)
    until(lambda: "begins" in (tmp_path / "log").read_text(), "it has begun")
    before = claims(app)
    for number in range(3):
        time.sleep(0.5)
        app_of_tests.later.add(number, key=str(number))
        until(lambda: app.counts("later")["finished"] == number + 1, "it is done")
    # One that asks again and again asks more often, from ten milliseconds on.
    assert claims(app) - before <= 8
    stopped = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert time.monotonic() - stopped < 15
    assert client.workers() == {}


def test_who_calls_and_where(tmp_path):
    from coordinate import Coordinate

    token = "a token that nobody can guess"
    (tmp_path / "callers.yaml").write_text(
        "callers: [{name: me, token_sha256: %s, rights: {demo: [work]}}]" % hashlib.sha256(token.encode()).hexdigest()
    )
    with Daemon(["-auth-tokens", str(tmp_path / "callers.yaml")]) as daemon:
        app = Coordinate(daemon.address, token=token, namespace="demo")
        said, _ = app.client.call("hello")
        assert (said["caller"], said["namespace"], said["rights"]) == ("me", "demo", ["read", "work"])
        with pytest.raises(RemoteError, match="does not have the right submit"):
            app.client.call("add_work_units", "s", [])
        with pytest.raises(RemoteError, match="not known"):
            Coordinate(daemon.address, token="another").client.call("now")
        app.client.close()


def test_a_token_does_not_leave_the_machine_unencrypted():
    from coordinate import Coordinate

    with pytest.raises(ValueError, match="unencrypted"):
        Coordinate("10.1.2.3:5932", token="secret")
    Coordinate("10.1.2.3:5932", token="secret", insecure=True)


def test_a_unit_that_hangs_behind_quick_ones_of_one_batch_fails_alone(tmp_path, monkeypatch):
    import selectors

    from coordinate.worker.crew import Crew
    from coordinate.worker.held import Held

    class Reports(list):
        def report(self, unit, outcome):
            self.append((unit.key, outcome.status))

        add = report

    reports = Reports()
    monkeypatch.setattr(app_of_tests, "FOLDER", tmp_path)
    (tmp_path / "empty").touch()
    with selectors.DefaultSelector() as selector:
        tasks = app_of_tests.app.tasks
        crew = Crew(selector, tasks, reports, "w", lambda: None, size=1, threads=1, worn=(None, None, None), deaths=3)
        # It has learnt that units take no time, so that all of these go in one batch.
        crew._seconds = 1e-6
        data = {"path": str(tmp_path / "empty")}
        units = {"0": data, "1": data, "2": dict(data, how="hangs"), "3": data}
        crew.take([Held("words", key, unit, 0.0) for key, unit in units.items()])
        while len(reports) < 4:
            crew.fill()
            crew.give()
            crew.look(time.monotonic())
            for key, _ in selector.select(0.1):
                key.data()
        crew.kill()
    assert sorted(reports) == [("0", 4), ("1", 4), ("2", 5), ("3", 4)]
