"""Spans: where units are added, and of each attempt, which belongs to it."""

import asyncio
import json
import pathlib
import subprocess
import sys

import pytest

from coordinate import Coordinate, aio

pytest.importorskip("opentelemetry.sdk")

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def spans():
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


def test_an_attempt_belongs_to_where_its_unit_was_added(daemon, client, spans):
    app = Coordinate(daemon.address, tracing=True)
    seen = []

    @app.task(spec="traced")
    async def traced(data: dict):
        seen.append(data)
        if data["n"] == 2:
            raise ValueError("two")

    assert traced.map([{"n": 1}, {"n": 2}], key=lambda item: str(item["n"])) == 2
    asyncio.run(aio.Worker(app).run(until_idle=True))
    added, *attempts = spans.get_finished_spans()
    assert added.name == "add traced"
    assert [span.name for span in attempts] == ["do traced"] * 2
    assert {span.parent.span_id for span in attempts} == {added.context.span_id}
    assert sorted(span.attributes["messaging.message.id"] for span in attempts) == ["1", "2"]
    assert sorted(span.status.is_ok for span in attempts) == [False, True]
    # The task does not see what is of no interest to it.
    assert sorted(data["n"] for data in seen) == [1, 2]
    assert all(set(data) == {"n"} for data in seen)
    app.client.close()


def test_without_it_data_are_as_they_are(daemon, client):
    app = Coordinate(daemon.address)

    @app.task(spec="plain")
    def plain(n: int):
        pass

    plain.add(1, key="a")
    assert client.get_work_units("plain") == [("a", {"n": 1})]
    app.client.close()


@pytest.fixture
def traced(daemon, tmp_path):
    """Runs traced_app.py: the spans that it has sent, and its process id."""

    def run(setting):
        file = tmp_path / "spans"
        command = [sys.executable, str(HERE / "traced_app.py"), daemon.address, str(file), setting]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=180)
        pid, finished = done.stdout.split()
        assert finished == "4"
        return [json.loads(line) for line in file.read_text().splitlines()], int(pid)

    return run


def test_children_send_theirs_as_they_go_and_nothing_twice(traced, client):
    spans, parent = traced("before")
    [added] = [span for span in spans if span["name"] == "add traced"]
    attempts = [span for span in spans if span["name"] == "do traced"]
    assert added["pid"] == parent
    assert sorted(span["key"] for span in attempts) == ["0", "1", "2", "3"]
    assert {span["parent"] for span in attempts} == {added["id"]}
    assert parent not in {span["pid"] for span in attempts}


def test_each_process_may_set_it_up_for_itself(traced, client):
    spans, parent = traced("each")
    assert sorted(span["key"] for span in spans) == ["0", "1", "2", "3"]
    assert parent not in {span["pid"] for span in spans}


def test_a_collector_that_does_not_answer_keeps_no_worker_from_ending(traced, client):
    spans, _ = traced("stuck")
    assert spans == []
