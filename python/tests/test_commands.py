"""The command line; what it answers is compared with the published one by the stage python-published."""

import io
import json
import logging
import os
import pathlib
import subprocess
import sys

import pytest
import yaml

from coordinate.commands import main

HERE = pathlib.Path(__file__).parent


@pytest.fixture
def config(daemon, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"coordinate": daemon.config}))
    return str(path)


@pytest.fixture
def run(config, capsys, monkeypatch):
    def command(*words, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end:
            main(["-c", config, *words])
        return end.value.code, capsys.readouterr()

    return command


def test_units_from_standard_input(run, client, tmp_path):
    spec = tmp_path / "spec.yaml"
    spec.write_text("name: s\nmin_gb: 1\n")
    status, said = run("load", "-w", str(spec), "-u", "-", stdin='# two\n{"a": {"n": 1}, "b": {}}\n')
    assert status == 0
    assert said.out.endswith("finished writing 2 work units to work_spec='s'\n")
    status, said = run("summary", "--json")
    assert json.loads(said.out)["s"]["num_available"] == 2
    status, said = run("addwork", "-W", "s", "-u", "-", stdin='{"c": {}}\n[]\n')
    assert (status, said.err) == (1, "addwork: ValueError: line 2 is not a map of names and data\n")


def test_quiet_and_verbose_are_heard_by_the_worker_too(run, monkeypatch):
    levels = []
    monkeypatch.setattr(logging, "basicConfig", lambda level, **_: levels.append(level))
    for words in (["worker"], ["-q", "worker"], ["-qq", "worker"], ["-v", "worker"], ["summary"], ["-v", "summary"]):
        run(*words, *(["no_such_module:app"] if "worker" in words else []))
    assert levels == [logging.INFO, logging.WARNING, logging.ERROR, logging.DEBUG, logging.WARNING, logging.INFO]


def test_what_has_failed_and_what_of(run, client):
    for spec in ("s", "t"):
        client.set_work_spec({"name": spec, "min_gb": 1})
    client.add_work_units("s", ["a", "b", "c"])
    client.add_work_units("t", ["z"])
    for unit in client.get_work("w", max_jobs=3, work_spec_names=["s"])[:2]:
        unit.data["traceback"] = f"Traceback (most recent call last):\n  …\nValueError: {unit.key} is wrong\n"
        unit.fail()
    client.get_work("w", work_spec_names=["t"]).fail()
    status, said = run("failed")
    assert (status, said.out) == (0, "s\ta\tValueError: a is wrong\ns\tb\tValueError: b is wrong\nt\tz\tno cause given\n")
    assert run("failed", "-W", "s", "-n", "1")[1].out == "s\ta\tValueError: a is wrong\n"
    assert "Traceback (most recent" in run("failed", "-W", "s", "--details")[1].out


def test_tables_are_drawn_at_a_terminal(client, daemon):
    rich = pytest.importorskip("rich")
    assert rich
    from coordinate.commands.action import Session
    from coordinate.commands.terminal import write_table

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    session = Session({"coordinate": daemon.config}, out)
    write_table(session, ("Work spec", "Total"), [("[red]s", 12345)])
    assert "[red]s" in out.getvalue()
    assert "12,345" in out.getvalue()


def test_many_units_are_added_some_at_a_time(run, client, tmp_path, monkeypatch):
    from coordinate.commands import files

    monkeypatch.setattr(files, "AT_ONCE", 2)
    client.set_work_spec({"name": "s", "min_gb": 1})
    (tmp_path / "units").write_text("".join(f'{{"{n}": {{}}}}\n' for n in range(5)))
    assert run("addwork", "-W", "s", "-u", str(tmp_path / "units"))[0] == 0
    assert client.count_work_units("s") == {1: 5}


def test_asks_before_it_deletes_everything(run, client):
    client.set_work_spec({"name": "s", "min_gb": 1})
    assert run("delete", stdin="no\n")[1].out.endswith("not deleting anything\n")
    assert client.get_work_spec("s") is not None
    assert run("delete", stdin="yes\n")[1].out.endswith("deleting all\n")
    assert client.get_work_spec("s") is None


def test_a_prompt_for_many_commands(run):
    status, said = run(stdin="work_specs\nwork_units\nnonsense\nhelp retry\n")
    assert status == 0
    assert "*** Unknown syntax: nonsense" in said.out
    assert "usage: retry" in said.out
    assert "usage: work_units" in said.err


def test_a_daemon_that_is_not_there(tmp_path, capsys):
    config = tmp_path / "config.yaml"
    config.write_text("coordinate: {addresses: ['127.0.0.1:1'], retries: 0}\n")
    with pytest.raises(SystemExit) as end:
        main(["-c", str(config), "summary"])
    assert end.value.code == 1
    assert "summary: ConnectionRefusedError" in capsys.readouterr().err


def test_worker_of_an_application(daemon, client, config):
    client.set_work_spec({"name": "later", "runtime": "python_3", "min_gb": 0})
    client.add_work_units("later", {"a": {"n": 1}})
    command = [sys.executable, "-c", "from coordinate.commands import main; main()", "-c", config]
    command += ["worker", "app_of_tests:app", "--processes", "1", "--until-idle"]
    environment = dict(os.environ, ADDRESS=daemon.address)
    done = subprocess.run(command, cwd=HERE, env=environment, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    assert client.get_work_units("later") == [("a", {"n": 1, "result": 2})]
    assert "later 'a' finished after" in done.stderr
