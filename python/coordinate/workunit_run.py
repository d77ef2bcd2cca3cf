"""Running the function that a work spec names."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any, Mapping, Sequence

from .cbor import text
from .exceptions import LostLease, ProgrammerError

if TYPE_CHECKING:
    from .work_unit import WorkUnit

logger = logging.getLogger(__name__)


def run(work_unit: "WorkUnit", work_spec: Mapping[str, Any]) -> Any:
    """Calls `run_function` of `module`, as the spec says, and finishes the unit. What it raises is the caller's business."""
    names = [text(work_spec.get(key)) for key in ("module", "run_function")]
    for key, name in zip(("module", "run_function"), names):
        if name is None:
            raise ProgrammerError(f"work spec {text(work_spec.get('name'))!r} does not say which {key} to run")
    return run_module_func_for_work_unit(work_unit, names[0], names[1], work_spec.get("run_params"))


def run_module_func_for_work_unit(work_unit: "WorkUnit", module_name: str, func_name: str, params: Any = None) -> Any:
    """Calls a function with the unit, and with `params` behind it: a list as arguments, a map as those by name."""
    function = getattr(import_module(module_name), func_name)
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = {}
    if isinstance(params, Mapping):
        kwargs = {text(key): value for key, value in params.items()}
    elif isinstance(params, Sequence):
        args = params
    logger.info("running %s: %r", work_unit.work_spec_name, work_unit.key)
    try:
        result = function(work_unit, *args, **kwargs)
        work_unit.finish()
    except LostLease:
        logger.warning("%r is no longer ours", work_unit.key)
        raise
    except Exception:
        logger.error("%r failed", work_unit.key, exc_info=True)
        raise
    logger.info("finished %r", work_unit.key)
    return result
