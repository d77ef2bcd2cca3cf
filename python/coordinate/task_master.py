"""The queue: work specs, work units and workers of a daemon."""

from __future__ import annotations

import logging
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, Union

import yaml

from . import constants
from .cbor import text, text_keys
from .exceptions import Name, ProgrammerError
from .flow import specs_of
from .settings import get_global_config
from .work_unit import WorkUnit
from .worker_records import WorkerRecords

logger = logging.getLogger(__name__)

#: Leases are shorter than a day; those under ten seconds are likely to be over by the time that a report arrives.
MAX_LEASE_SECONDS = 24 * 3600
MIN_LEASE_SECONDS = 10

Spec = Dict[str, Any]


class TaskMaster(WorkerRecords):
    """All that can be asked of a daemon, and told to it.

    Besides what `CborRpcClient` reads of the configuration, `default_lifetime` is the lease that `get_work` asks for (900 s).
    """

    RUN = constants.RUN
    IDLE = constants.IDLE
    TERMINATE = constants.TERMINATE

    AVAILABLE = constants.AVAILABLE
    BLOCKED = constants.BLOCKED
    PENDING = constants.PENDING
    FINISHED = constants.FINISHED
    FAILED = constants.FAILED

    def __init__(self, config: Mapping[str, Any], binary: bool = False) -> None:
        super().__init__(config, binary)
        self.config = config
        self.default_lifetime: Optional[float] = config.get("default_lifetime", 900)
        #: Set while a worker that uses this is registered.
        self.worker_id: Optional[Name] = None

    # Work specs

    @classmethod
    def validate_work_spec(cls, work_spec: Mapping[str, Any]) -> None:
        """A spec has a `name` and the number `min_gb`; otherwise it is a `ProgrammerError`."""
        if "name" not in work_spec:
            raise ProgrammerError('work_spec lacks "name"\n' + yaml.safe_dump(dict(work_spec)))
        if not isinstance(work_spec.get("min_gb"), (float, int)):
            raise ProgrammerError('work_spec["min_gb"] must be a number')

    def set_work_spec(self, work_spec: Spec) -> bool:
        """Makes a work spec, or replaces the one of that name. Returns whether it did."""
        self.validate_work_spec(work_spec)
        return bool(self._told("set_work_spec", work_spec))

    def get_work_spec(self, work_spec_name: Name) -> Optional[Spec]:
        """The work spec, or None."""
        spec: Optional[Spec] = text_keys(self._rpc("get_work_spec", (work_spec_name,)))
        return spec

    def pause_work_spec(self, work_spec_name: Name, paused: bool = True) -> None:
        """Holds the units of a spec back, or hands them out again."""
        status = constants.PAUSED if paused else constants.RUNNABLE
        self._rpc("control_work_spec", (work_spec_name, {"status": status}))

    def list_work_specs(
        self, limit: Optional[int] = None, start: Optional[Name] = None
    ) -> Tuple[List[Tuple[Name, Spec]], Optional[Name]]:
        """Pairs of name and spec, from the name `start` on, and the name at which the next of them begin, or None."""
        specs, following = self._rpc("list_work_specs", (_given(limit=limit, start=start),))
        return [(spec["name"], spec) for spec in map(text_keys, specs)], following

    def iter_work_specs(self, limit: Optional[int] = None, start: Optional[Name] = None) -> Iterator[Spec]:
        """The specs, one after the other."""
        while limit is None or limit > 0:
            named, start = self.list_work_specs(limit, start)
            for _, spec in named:
                yield spec
            if not start:
                return
            if limit is not None:
                limit -= len(named)

    def clear(self) -> int:
        """Deletes everything. Returns how many specs there were."""
        return int(self._rpc("clear", ()))

    def del_work_spec(self, work_spec_name: Name) -> bool:
        """Deletes a spec with its units. Returns whether there was one."""
        return bool(self._told("del_work_spec", work_spec_name))

    def add_flow(self, flow: Mapping[str, Any], config: Optional[Mapping[str, Any]] = None) -> None:
        """Sets the work specs of a flow (see `coordinate.flow`), with this configuration, or that of the process if it is None."""
        specs = specs_of(flow, get_global_config() if config is None else config)
        for spec in specs.values():
            self.set_work_spec(spec)

    # Work units

    def add_work_units(self, work_spec_name: Name, work_unit_key_vals: Union[Mapping[Any, Any], Iterable[Any]]) -> bool:
        """Adds units: a map of names and data, or a list of `(name, data)` or `(name, data, {"priority": …, "delay": …})`.

        All of them or, if one is wrong or the spec is not there, none. Returns whether they were added.
        """
        units = work_unit_key_vals.items() if isinstance(work_unit_key_vals, Mapping) else work_unit_key_vals
        return bool(self._told("add_work_units", work_spec_name, list(units)))

    def update_bundle(self, work_spec: Spec, work_units: Union[Mapping[Any, Any], Iterable[Any]], nice: Any = None) -> None:
        """Sets a spec and adds units to it. `nice` of the spec counts, the argument does not."""
        if nice is not None:
            logger.warning("nice is a key of the work spec; nice=%r is passed over", nice)
        self.set_work_spec(work_spec)
        self.add_work_units(work_spec["name"], work_units)

    def count_work_units(self, work_spec_name: Name) -> Dict[int, int]:
        """How many units there are, by state."""
        counts: Dict[int, int] = self._told("count_work_units", work_spec_name)
        return counts

    def status(self, work_spec_name: Name) -> Dict[str, int]:
        """How many units there are, as `num_available` and so on, and `num_tasks` in all."""
        counts = self.count_work_units(work_spec_name)
        words = constants.WORK_UNIT_STATUS_BY_NAME.items()
        return dict({f"num_{word.lower()}": counts.get(state, 0) for word, state in words}, num_tasks=sum(counts.values()))

    def prioritize_work_units(
        self,
        work_spec_name: Name,
        work_unit_keys: List[Any],
        priority: Optional[float] = None,
        adjustment: Optional[float] = None,
    ) -> bool:
        """Gives units this priority, or adds to the one they have; neither: they go before those that were only added."""
        if priority is None and adjustment is None:
            priority = constants.PRI_PRIORITY
        options = {"work_unit_keys": work_unit_keys, "priority": priority, "adjustment": adjustment}
        return bool(self._told("prioritize_work_units", work_spec_name, options))

    def get_work_units(
        self,
        work_spec_name: Name,
        work_unit_keys: Optional[List[Any]] = None,
        state: Any = None,
        limit: Optional[int] = None,
        start: Any = None,
    ) -> List[Tuple[Any, Any]]:
        """Pairs of name and data: of these names, None for the data of one that is not there; or of a state, or some of them."""
        options = _given(work_unit_keys=work_unit_keys, state=state, limit=limit, start=start)
        units: List[Tuple[Any, Any]] = self._told("get_work_units", work_spec_name, options)
        return units

    def list_work_units(self, work_spec_name: Name, start: int = 0, limit: Optional[int] = None) -> Dict[Any, Any]:
        """The units that are available or pending, by name; without the first `start`."""
        return self._window(work_spec_name, start, limit, (self.AVAILABLE, self.PENDING))

    def list_finished_work_units(self, work_spec_name: Name, start: int = 0, limit: Optional[int] = None) -> Dict[Any, Any]:
        """The units that are finished, by name; without the first `start`."""
        return self._window(work_spec_name, start, limit, self.FINISHED)

    def _window(self, work_spec_name: Name, start: int, limit: Optional[int], state: Any) -> Dict[Any, Any]:
        asked = None if limit is None else start + limit
        return dict(self.get_work_units(work_spec_name, state=state, limit=asked)[start:])

    def del_work_units(
        self, work_spec_name: Name, work_unit_keys: Optional[List[Any]] = None, state: Any = None, all: bool = False
    ) -> int:
        """Deletes units: these, or those of these that are in a state, or all. Returns how many."""
        options = _given(work_unit_keys=work_unit_keys, state=state, all=all or None)
        return int(self._told("del_work_units", work_spec_name, options))

    def get_work_unit_status(self, work_spec_name: Name, work_unit_keys: Union[Name, List[Any]]) -> Any:
        """Of each unit a map of `status`, `expiration` and, where there are any, `worker_id` and `traceback`; None if it is not there.

        A list, in the order of the names; for a single name its map.
        """
        one = isinstance(work_unit_keys, (str, bytes))
        statuses = self._told("get_work_unit_status", work_spec_name, [work_unit_keys] if one else work_unit_keys)
        if statuses is not None:
            statuses = [text_keys(status) for status in statuses]
        return statuses[0] if one else statuses

    def update_work_unit(
        self,
        work_spec_name: Name,
        work_unit_key: Any,
        lease_time: Optional[float] = None,
        status: Optional[int] = None,
        data: Any = None,
        worker_id: Optional[Name] = None,
    ) -> bool:
        """Renews a lease, or changes the state or the data of a unit. Returns whether that was so.

        With `worker_id`, nothing changes while the unit is another worker's.
        """
        _check_lease(lease_time)
        options = _given(lease_time=lease_time, status=status, data=data, worker_id=worker_id)
        return bool(self._told("update_work_unit", work_spec_name, work_unit_key, options))

    def retry(self, work_spec_name: Name, *work_unit_names: Any) -> bool:
        """Makes units available again, in whatever state they are. Returns whether all of them were there."""
        retried = [self.update_work_unit(work_spec_name, name, lease_time=0, status=self.AVAILABLE) for name in work_unit_names]
        return all(retried)

    def get_work(
        self,
        worker_id: Name,
        available_gb: Optional[float] = None,
        lease_time: Optional[float] = None,
        work_spec_names: Optional[List[Any]] = None,
        max_jobs: Optional[int] = 1,
    ) -> Any:
        """Claims work. With `max_jobs` 1 or None a `WorkUnit`, or None if there is nothing to do; with more, a list of them."""
        lease_time = self.default_lifetime if lease_time is None else lease_time
        _check_lease(lease_time)
        for name, number, kinds in (("available_gb", available_gb, (int, float)), ("max_jobs", max_jobs, (int,))):
            if number is not None and not isinstance(number, kinds):
                raise ValueError(f"{name} must be a number, not {type(number)!r}")
        if lease_time is not None and lease_time < MIN_LEASE_SECONDS:
            logger.warning("a lease of %s seconds is shorter than %s", lease_time, MIN_LEASE_SECONDS)
        options = _given(
            lease_time=lease_time, work_spec_names=work_spec_names, available_gb=available_gb, max_jobs=max_jobs
        )
        claimed = self._told("get_work", worker_id, options)
        if max_jobs is not None and max_jobs != 1:
            return [self._unit(unit, worker_id, lease_time) for unit in claimed]
        return None if claimed[0] is None or claimed[1] is None else self._unit(claimed, worker_id, lease_time)

    def _unit(self, claimed: Tuple[Any, Any, Any], worker_id: Name, lease_time: Optional[float]) -> WorkUnit:
        spec, key, data = claimed
        return WorkUnit(self, spec, key, data, worker_id, default_lease_time=lease_time or 900)

    def get_child_work_units(self, worker_id: Name) -> Dict[Any, List[WorkUnit]]:
        """What the children of a worker are at, those that are idle left out. It may have expired, or be another's by now."""
        children = self._told("get_child_work_units", worker_id)
        return {child: [self._child_unit(text_keys(unit)) for unit in units] for child, units in children.items() if units}

    def _child_unit(self, unit: Mapping[str, Any]) -> WorkUnit:
        names = ("work_spec_name", "work_unit_key", "work_unit_data", "worker_id", "expires")
        return WorkUnit(self, *[unit.get(name) for name in names])  # type: ignore[arg-type]

    def get_server_config(self) -> Any:
        """The configuration that the operator of the daemon hands out (`-config`)."""
        return self._told("get_config")

    def _told(self, method: str, *params: Any) -> Any:
        """The result of a method that answers with a pair: what it says besides goes to the log."""
        result, message = self._rpc(method, params)
        if message:
            logger.debug("%s: %s", method, text(message))
        return result


def _given(**options: Any) -> Dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _check_lease(lease_time: Optional[float]) -> None:
    assert lease_time is None or lease_time < MAX_LEASE_SECONDS, f"lease_time too big {lease_time} > {MAX_LEASE_SECONDS}"
