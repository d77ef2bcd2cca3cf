"""The historic workers, with functions of this module."""

import os
import pathlib
import signal
import subprocess
import sys

import pytest
import yaml
from waiting import until

from coordinate.workers import ForkWorker, SingleWorker

HERE = pathlib.Path(__file__).parent
SPEC = {"name": "s", "min_gb": 0.1, "module": "tasks_of_tests"}


@pytest.fixture
def on_path(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))


def test_single_worker_does_one_unit_at_a_time(daemon, client, on_path):
    client.set_work_spec(dict(SPEC, run_function="double"))
    client.add_work_units("s", {"a": {"n": 1}, "b": {"n": "x"}, "c": {}})
    worker = SingleWorker(daemon.config)
    worker.register()
    assert [worker.run() for _ in range(4)] == [True, True, True, False]
    assert client.workers() == {worker.worker_id: "RUN"}
    worker.unregister()
    assert client.workers() == {}
    assert client.get_work_units("s", ["a", "b"]) == [("a", {"n": 1, "doubled": 2}), ("b", {"n": "x", "doubled": "xx"})]
    assert "KeyError" in client.get_work_unit_status("s", "c")["traceback"]


@pytest.fixture
def start(daemon, tmp_path):
    """Starts coordinate_worker with settings of fork_worker, in the foreground or the background."""
    started = []

    def run(*options, **settings):
        lifetime = settings.pop("default_lifetime", 60)
        block = dict(daemon.config, default_lifetime=lifetime, fork_worker=settings)
        config = tmp_path / "config.yaml"
        config.write_text(yaml.safe_dump({"coordinate": block}))
        command = [sys.executable, "-m", "coordinate.run_multi_worker", "-c", str(config), *options]
        environment = dict(os.environ, PYTHONPATH=str(HERE))
        started.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()
    if (tmp_path / "worker.pid").exists():
        os.kill(int((tmp_path / "worker.pid").read_text()), signal.SIGKILL)


def test_fork_worker_ends_after_its_units_at_sigterm(client, start):
    client.set_work_spec(dict(SPEC, run_function="double"))
    client.add_work_units("s", {f"u{i}": {"n": i} for i in range(40)})
    worker = start("--foreground", num_workers=4, poll_interval=0.05)
    until(lambda: client.count_work_units("s") == {4: 40}, "all done")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert client.workers() == {}


def test_fork_worker_stops_what_is_overdue(client, start, tmp_path):
    client.set_work_spec(dict(SPEC, run_function="hang", run_params=[str(tmp_path / "pid")]))
    client.add_work_units("s", ["a"])
    start("--foreground", num_workers=1, poll_interval=0.05, heartbeat_interval=0.1, stop_jobs_early=58, default_lifetime=60)
    until(lambda: client.count_work_units("s") == {5: 1}, "it failed")
    assert client.get_work_unit_status("s", "a")["traceback"] == "job expired"
    until(lambda: not ForkWorker.pid_is_alive(int((tmp_path / "pid").read_text())), "the child was ended")


def test_in_the_background_with_a_pidfile(client, start, tmp_path):
    pidfile, log = tmp_path / "worker.pid", tmp_path / "worker.log"
    client.set_work_spec(dict(SPEC, run_function="double"))
    client.add_work_units("s", {"a": {"n": 1}})
    launcher = start("--pidfile", str(pidfile), "--logpath", str(log), num_workers=1, poll_interval=0.05)
    assert launcher.wait() == 0
    until(lambda: pidfile.exists() and pidfile.read_text(), "the worker is there")
    pid = int(pidfile.read_text())
    until(lambda: client.count_work_units("s") == {4: 1}, "it is done")
    # Children have ended by now, which is no reason to remove the file of their parent.
    until(lambda: log.read_text().count("there is no work to do") >= 3, "children come and go")
    assert pidfile.exists()
    os.kill(pid, signal.SIGTERM)
    until(lambda: not ForkWorker.pid_is_alive(pid), "the worker has ended")
    assert not pidfile.exists()
    assert "finished 'a'" in log.read_text()


@pytest.mark.parametrize("path", ["relative.pid", "/no/such/folder/file.pid"])
def test_a_pidfile_that_cannot_be(start, path):
    assert start("--pidfile", path).wait() == 2
