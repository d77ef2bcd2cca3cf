"""An application that makes spans in the children of a worker: python traced_app.py ADDRESS FILE SETTING.

SETTING says who sets OpenTelemetry up: `before` the parent, before it forks; `each` every process for itself; `stuck` the parent,
with an exporter that never comes back.
"""

import json
import os
import pathlib
import sys
import time

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from coordinate import Coordinate

ADDRESS, FILE, SETTING = sys.argv[1:]
app = Coordinate(ADDRESS, tracing=True)


class Lines(SpanExporter):
    def export(self, spans):
        with open(FILE, "a") as lines:
            for span in spans:
                parent = span.parent and span.parent.span_id
                key = span.attributes.get("messaging.message.id")
                about = {"name": span.name, "key": key, "id": span.context.span_id, "parent": parent, "pid": os.getpid()}
                lines.write(json.dumps(about) + "\n")
        return SpanExportResult.SUCCESS


class Stuck(SpanExporter):
    def export(self, spans):
        time.sleep(600)
        return SpanExportResult.FAILURE


def set_up():
    provider = TracerProvider(shutdown_on_exit=SETTING != "stuck")
    provider.add_span_processor(BatchSpanProcessor(Stuck() if SETTING == "stuck" else Lines(), schedule_delay_millis=100))
    trace.set_tracer_provider(provider)


@app.task()
def traced(n: int):
    deadline = time.monotonic() + 60
    # The span of the one before is sent while the process goes on.
    while n == 1 and SETTING != "stuck" and '"key": "0"' not in pathlib.Path(FILE).read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


if __name__ == "__main__":
    pathlib.Path(FILE).touch()
    if SETTING == "each":
        app.on_process_start(set_up)
    else:
        set_up()
    traced.map(range(4), key=str)
    # What the parent has not sent yet is in its queue as it forks.
    app.worker().run(until_idle=True)
    print(os.getpid(), len(list(traced.finished())))
    sys.stdout.flush()
    if SETTING == "stuck":
        os._exit(0)
