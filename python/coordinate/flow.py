"""Flows: work specs that belong together, in maps that may be nested, with the configuration they run under."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, Tuple

from .exceptions import ProgrammerError
from .settings import overlay_config

Spec = Dict[str, Any]


def specs_of(flow: Mapping[str, Any], config: Mapping[str, Any]) -> Dict[str, Spec]:
    """The work specs of a flow by name: their keys, joined by dots. Each gets `name`, and `config` with its own laid over.

    What is wrong with any of them is a `ProgrammerError`, before anything is set.
    """
    specs: Dict[str, Spec] = {}
    for name, spec in _walk(flow, ""):
        specs[name] = spec
        spec["name"] = name
        spec["config"] = overlay_config(config, spec.get("config"))
    for name, spec in specs.items():
        if "then" in spec and spec["then"] not in specs:
            raise ProgrammerError(f"work spec {name} goes on to {spec['then']}, which is not in this flow")
    return specs


def _walk(flow: Mapping[str, Any], prefix: str) -> Iterator[Tuple[str, Spec]]:
    for key, value in flow.items():
        name = prefix + key
        if not isinstance(value, Mapping):
            raise ProgrammerError(f"{name} is no work spec, nor a map of them")
        if "min_gb" in value:
            yield name, value if isinstance(value, dict) else dict(value)
        else:
            yield from _walk(value, name + ".")
