"""A function whose calls are units of work."""

from __future__ import annotations

import inspect
import os
from itertools import islice
from typing import TYPE_CHECKING, Any, Callable, Dict, Generic, Iterable, Iterator, List, Mapping, Optional, Tuple, TypeVar

from .context import Context
from .exceptions import Name
from .payloads import Payload, plain
from .tracing import without_key

if TYPE_CHECKING:
    from .app import Coordinate

F = TypeVar("F", bound=Callable[..., Any])

#: What `add` takes besides the arguments of the function.
RESERVED = ("key", "priority", "delay")
#: How many units are read at once: data of 128 KiB each still fit into an answer of the daemon.
PAGE = 500


class Task(Generic[F]):
    """Calling it calls the function, here and now. `add` and `map` have workers call it.

    `timeout`: seconds after which a call is given up and its process ended; None: it may take as long as it takes.
    """

    def __init__(self, app: "Coordinate", function: F, spec: Mapping[str, Any], timeout: Optional[float]) -> None:
        self.app = app
        self.function = function
        self.spec = dict(spec)
        self.name: str = spec["name"]
        self.timeout = timeout
        self.payload = Payload(function)
        self.is_async = inspect.iscoroutinefunction(function)
        self.__doc__ = function.__doc__
        self.__wrapped__ = function
        for name in RESERVED:
            if name in self.payload.signature.parameters:
                raise TypeError(f"{self.payload.name} has a parameter {name}, which `add` takes for itself")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def add(
        self,
        *args: Any,
        key: Optional[Name] = None,
        priority: Optional[float] = None,
        delay: Optional[float] = None,
        **kwargs: Any,
    ) -> Name:
        """Adds a unit, for which the function is to be called with these arguments. Returns its name.

        `key` is its name, a new one if there is none; a unit that has it already is replaced. Units with the highest `priority` go
        first; `delay` is in seconds.
        """
        name = _new_name() if key is None else key
        meta = _meta(priority, delay)
        self.app.add_units(self, [[name, self.payload.pack(args, kwargs), *([meta] if meta else [])]])
        return name

    def map(
        self,
        items: Iterable[Any],
        *,
        key: Optional[Callable[[Any], Name]] = None,
        priority: Optional[float] = None,
        delay: Optional[float] = None,
        batch: int = 1000,
        progress: Optional[Callable[[int], Any]] = None,
    ) -> int:
        """Adds a unit for each item: the argument of the function, a tuple of several, or a map of them by name. Returns how many.

        `key` makes the name of a unit from its item. `progress` is called with the number added so far, after each batch.
        """
        added = 0
        batches = _batches(self._units(items, key, _meta(priority, delay)), batch)
        for count in self.app.add_batches(self, batches):
            added += count
            if progress is not None:
                progress(added)
        return added

    def _units(self, items: Iterable[Any], key: Optional[Callable[[Any], Name]], meta: Dict[str, float]) -> Iterator[List[Any]]:
        only = self.payload.only
        for item in items:
            name = _new_name() if key is None else key(item)
            is_one = only is not None and not isinstance(item, (tuple, dict))
            data = {only: plain(item)} if is_one else self._packed(item)
            yield [name, data, meta] if meta else [name, data]

    def cancel(
        self,
        *keys: Name,
        all: bool = False,
        reason: Optional[str] = None,
        release: bool = False,
    ) -> int:
        """Takes the units with these names, or `all`, from the workers that are at them: `ctx.cancelled` becomes true there. How many.

        They fail with the cause `cancelled: reason`; with `release` they are given back, to be done by others.
        """
        return self.app.client.cancel_work_units(self.name, keys or None, all=all, reason=reason, release=release)

    def edit(self, key: Name, *args: Any, **kwargs: Any) -> None:
        """Gives a unit other data: the function is to be called with these arguments, once it is done anew. It stays as it is otherwise:
        a failed one stays failed. A PendingError while somebody works on it, a NoSuchWorkUnitError if there is none."""
        self.app.client.edit_work_unit(self.name, key, self.payload.pack(args, kwargs))

    def finished(self) -> Iterator[Tuple[Name, Any]]:
        """The units that are finished, by name: pairs of name and data, in which is what the function returned."""
        return self.app.units(self, 4, PAGE)

    def failed(self) -> Iterator[Tuple[Name, Any]]:
        """Those that have failed, in the same way: `traceback` in their data says why."""
        return self.app.units(self, 5, PAGE)

    def run(self, data: Any, context: Optional[Context]) -> Any:
        """Calls the function for the data of a unit. What it returns is what it returns: of an async one, a coroutine."""
        if self.app.tracing is None:
            return self.function(**self.payload.unpack(data, context))
        arguments = self.payload.unpack(without_key(data), context)
        key = None if context is None else context.key
        if self.is_async:
            return self._traced(key, data, arguments)
        with self.app.tracing.attempt(self.name, key, data):
            return self.function(**arguments)

    async def _traced(self, key: Any, data: Any, arguments: Dict[str, Any]) -> Any:
        assert self.app.tracing is not None
        with self.app.tracing.attempt(self.name, key, data):
            return await self.function(**arguments)

    def result(self, data: Any, returned: Any) -> Optional[Dict[Any, Any]]:
        """What the data of the unit become; None if they stay."""
        if returned is None:
            return None
        value = plain(returned)
        return value if isinstance(value, dict) else dict(without_key(data) or {}, result=value)

    def _packed(self, item: Any) -> Dict[Any, Any]:
        if self.payload.whole is not None:
            return self.payload.pack((item,), {})
        if isinstance(item, tuple):
            return self.payload.pack(item, {})
        return self.payload.pack((), item) if isinstance(item, dict) else self.payload.pack((item,), {})


def _meta(priority: Optional[float], delay: Optional[float]) -> Dict[str, float]:
    return {word: value for word, value in (("priority", priority), ("delay", delay)) if value is not None}


def _new_name() -> str:
    return os.urandom(16).hex()


def _batches(items: Iterator[Any], size: int) -> Iterator[List[Any]]:
    while True:
        some = list(islice(items, size))
        if not some:
            return
        yield some
