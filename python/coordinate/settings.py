"""Configuration: one YAML file, whose block ``coordinate`` is this package's.

Blocks of other packages are kept, and need none of them. A file may take others in: ``!include_yaml other.yaml``.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional

import yaml

Config = Dict[str, Any]

_global: Optional[Config] = None


def set_global_config(config: Mapping[str, Any]) -> Config:
    """Makes this the configuration of the process. Returns it."""
    global _global
    _global = dict(config)
    _global.setdefault("coordinate", {})
    return _global


def clear_global_config() -> None:
    """Forgets the configuration of the process."""
    global _global
    _global = None


def get_global_config(*path: str) -> Any:
    """The configuration of the process, or what is at a path in it; a KeyError names what is not there."""
    found: Any = _global
    if found is None:
        raise KeyError("no configuration has been set")
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            raise KeyError(name)
        found = found[name]
    return found


def load_config(path: str) -> Config:
    """Reads a file of configuration."""
    with open(path, encoding="utf-8") as stream:
        config = _load(stream.read(), os.path.dirname(os.path.abspath(path)))
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise ValueError(f"{path}: a configuration is a map")
    return config


def overlay_config(base: Mapping[str, Any], overlay: Optional[Mapping[str, Any]]) -> Config:
    """`base` with all that `overlay` says: maps are merged, null removes, everything else replaces. Both stay as they are."""
    merged: Config = dict(base)
    for key, value in (overlay or {}).items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = overlay_config(merged[key], value)
        else:
            merged[key] = value
    return merged


def _load(text: str, folder: str) -> Any:
    class Loader(yaml.SafeLoader):
        pass

    def include(loader: Any, node: Any) -> Any:
        path = os.path.join(folder, loader.construct_scalar(node))
        with open(path, encoding="utf-8") as stream:
            return _load(stream.read(), os.path.dirname(path))

    tags: List[str] = ["!include", "!include_yaml"]
    for tag in tags:
        Loader.add_constructor(tag, include)
    return yaml.load(text, Loader)
