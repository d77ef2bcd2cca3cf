"""Spans of OpenTelemetry, for an application with `tracing=True`: one where units are added, and one for each attempt, which belongs to it
by a `traceparent` in the data of the unit. What is done with spans is said by the program, as ever with OpenTelemetry."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Mapping, Optional

#: The key of the data under which a unit says from where it was added. The task does not see it.
KEY = "_traceparent"


class Tracing:
    """Makes spans. An ImportError says what is to be installed if there is no OpenTelemetry."""

    def __init__(self) -> None:
        try:
            from opentelemetry import propagate, trace
        except ImportError as error:
            raise ImportError("tracing needs OpenTelemetry: pip install 'coordinate-client[otel]'") from error
        self._propagate = propagate
        self._trace = trace

    @contextmanager
    def adding(self, spec: str) -> Iterator[Optional[str]]:
        """The span in which units are added, and what is put into their data."""
        tracer = self._trace.get_tracer("coordinate")
        attributes = {"messaging.system": "coordinate", "messaging.destination.name": spec}
        with tracer.start_as_current_span(f"add {spec}", kind=self._trace.SpanKind.PRODUCER, attributes=attributes):
            carrier: Dict[str, str] = {}
            self._propagate.inject(carrier)
            yield carrier.get("traceparent")

    @contextmanager
    def attempt(self, spec: str, key: Any, data: Any) -> Iterator[None]:
        """The span of an attempt. What is raised in it is recorded there."""
        tracer = self._trace.get_tracer("coordinate")
        named = data.get(KEY) if isinstance(data, Mapping) else None
        carrier = {"traceparent": named.decode() if isinstance(named, bytes) else named} if named else {}
        attributes = {"messaging.system": "coordinate", "messaging.destination.name": spec, "messaging.message.id": str(key)}
        with tracer.start_as_current_span(
            f"do {spec}",
            context=self._propagate.extract(carrier),
            kind=self._trace.SpanKind.CONSUMER,
            attributes=attributes,
        ):
            yield

    def flush(self) -> None:
        """Sends what a process has before it ends, for two seconds at most: an exporter whose collector does not answer goes on for much
        longer, whatever it is told."""
        flush = getattr(self._trace.get_tracer_provider(), "force_flush", None)
        if flush is not None:
            sending = threading.Thread(target=flush, args=(2000,), daemon=True)
            sending.start()
            sending.join(2)


def without_key(data: Any) -> Any:
    """The data as the task is to see them."""
    if isinstance(data, dict) and (KEY in data or KEY.encode() in data):
        return {key: value for key, value in data.items() if key not in (KEY, KEY.encode())}
    return data
