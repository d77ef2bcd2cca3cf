"""An application: tasks, and where their queue is."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, TypeVar, Union

from .base_client import _present
from .cbor import in_message, request, text, text_keys
from .client import Client
from .connection import Tls
from .exceptions import Name, NoSuchWorkSpecError
from .task import Task
from .tracing import KEY, Tracing

if TYPE_CHECKING:
    from . import aio
    from .worker import Worker

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class Coordinate:
    """Where the daemon is, `host:port`, or several of them; and the tasks that are in its queue.

    `token` and `namespace` are for daemons that know of them: another refuses them. `tls` encrypts: `True`, or the path of the daemon's
    authority in PEM, or a map of `ca`, `cert` and `key`, or an SSLContext. Without it, a token goes to other machines with
    `insecure=True` only. `timeout` is in seconds, for each call. `tracing` makes spans of
    OpenTelemetry (see `coordinate.tracing`).
    """

    def __init__(
        self,
        address: Union[str, List[str]] = "127.0.0.1:5932",
        *,
        token: Optional[str] = None,
        namespace: Optional[str] = None,
        timeout: float = 30,
        insecure: bool = False,
        tls: Tls = None,
        tracing: bool = False,
    ) -> None:
        self._client_options: Dict[str, Any] = dict(
            address=address, token=token, namespace=namespace, timeout=timeout, insecure=insecure, tls=tls
        )
        self.tracing = Tracing() if tracing else None
        self.client = self.new_client()
        self.tasks: Dict[str, Task[Any]] = {}
        self._process_starts: List[Callable[[], Any]] = []
        self._declared: Set[str] = set()
        self._declaring = threading.Lock()
        self._pid = os.getpid()

    def new_client(self, **options: Any) -> Client:
        """Another connection to the same queue."""
        return Client(**dict(self._client_options, **options))

    def new_aio_client(self, **options: Any) -> "aio.Client":
        """The same for asyncio. It belongs to the event loop in which it is used."""
        from .aio import Client

        return Client(**dict(self._client_options, **options))

    def task(
        self,
        spec: Optional[str] = None,
        *,
        timeout: Optional[float] = None,
        retry: Union[int, Mapping[str, Any], None] = None,
        schedule: Union[str, Mapping[str, Any], None] = None,
        rate_limit: Optional[Mapping[str, float]] = None,
        after: Union[None, str, Task[Any], Sequence[Union[str, Task[Any]]]] = None,
        **options: Any,
    ) -> Callable[[F], Task[F]]:
        """Makes a function a task: `@app.task(spec="resize", max_running=8)`.

        `spec` is the name of its work spec, the function's own if it is left out. `timeout` is the longest time in seconds for a call.
        `retry` says what becomes of a call that fails: `retry=5`, or `{"attempts": 5, "backoff": "exponential", "delay": 10}`. `schedule` has the daemon
        call it at certain times, with `scheduled` and `previous` as its arguments: `schedule="0 3 * * *"`, or a map of `cron`, `timezone`,
        `overlap` and `catch_up`. `rate_limit` has no more handed out than so many in so many seconds: `{"units": 100, "per": 60, "burst": 20}`.
        `after` names specs, or is tasks, all of whose units are to be done before any of these is handed out. All else (`max_running`, `max_retries`, `priority`, `weight`, `then` …) goes into the work spec.
        """
        flow = _present({"retry": retry, "schedule": schedule, "rate_limit": rate_limit, "after": _names(after)})
        if flow:
            options = dict(options, flow=dict(options.get("flow") or {}, **flow))

        def decorate(function: F) -> Task[F]:
            name = spec or function.__name__
            if name in self.tasks:
                raise ValueError(f"there is a task {name!r} already")
            made = {"name": name, "runtime": "python_3", "module": function.__module__, "run_function": function.__name__}
            task = self.tasks[name] = Task(self, function, dict(made, **options), timeout)
            return task

        return decorate

    def on_process_start(self, function: Callable[[], T]) -> Callable[[], T]:
        """Has a function called in each process that runs tasks, before the first of them: to open connections, which processes do not
        share, or to say what becomes of spans. A process in which it raises ends, and another is started."""
        self._process_starts.append(function)
        return function

    def start_process(self) -> None:
        """Calls these functions, in the process that is to run tasks."""
        for function in self._process_starts:
            function()

    def declare(self, task: Task[Any]) -> None:
        """Sets the work spec of a task, unless it is there already as it is here; what is paused stays so."""
        if self._pid != os.getpid():
            # In a forked process: another thread of the parent may have been at it just then.
            self._declaring, self._pid = threading.Lock(), os.getpid()
        with self._declaring:
            if task.name in self._declared:
                return
            there = text_keys(self.client.call("get_work_spec", task.name))
            if there is None or any(_differs(there.get(key), value) for key, value in task.spec.items()):
                self.client.call("set_work_spec", dict(there or {}, **task.spec))
            self._declared.add(task.name)

    def add_units(self, task: Task[Any], units: List[Any]) -> None:
        """Adds units of a task: lists of name, data and, it may be, a map of `priority` and `delay`."""
        self.declare(task)
        if self.tracing is None:
            self._add(task, units)
            return
        with self.tracing.adding(task.name) as parent:
            self._add(task, _traced(units, parent))

    def _add(self, task: Task[Any], units: List[Any]) -> None:
        added, message = self.client.call("add_work_units", task.name, units)
        if not added:
            # Somebody has deleted the spec since.
            self._declared.discard(task.name)
            self.declare(task)
            if not self.client.call("add_work_units", task.name, units)[0]:
                raise NoSuchWorkSpecError(task.name)

    def add_batches(self, task: Task[Any], batches: Iterable[List[Any]]) -> Iterator[int]:
        """Adds units in batches, the next of which is made while the daemon adds the one before. How many units each had, once they are added."""
        self.declare(task)
        with contextlib.ExitStack() as stack:
            client = stack.enter_context(self.new_client(retries=0))
            parent = None if self.tracing is None else stack.enter_context(self.tracing.adding(task.name))
            under_way: List[Any] = []
            for units in batches:
                units = _traced(units, parent)
                message = in_message(request("add_work_units", [task.name, units]))
                if under_way:
                    self._see_added(client, task, under_way)
                    yield len(under_way)
                under_way = units
                try:
                    client.start_encoded(message)
                except OSError:
                    client.close()
            if under_way:
                self._see_added(client, task, under_way)
                yield len(under_way)

    def _see_added(self, client: Client, task: Task[Any], units: List[Any]) -> None:
        """Hears that units are added; adds them in the patient way if they are not, or if nothing is heard."""
        try:
            if client.is_open and client.take()[0]:
                return
        except OSError:
            client.close()
        self._add(task, units)

    def counts(self, task: Union[Task[Any], str]) -> Dict[str, int]:
        """How many units a task has in each state: `available` (or delayed), `pending`, `finished`, `failed`."""
        found = self.client.call("count_work_units", task if isinstance(task, str) else task.name)[0]
        names: Mapping[int, str] = {1: "available", 3: "pending", 4: "finished", 5: "failed"}
        return {name: found.get(number, 0) for number, name in names.items()}

    def units(self, task: Task[Any], state: int, page: int) -> Iterator[Tuple[Name, Any]]:
        """The names and data of a task's units in a state, sorted by name, read a page at a time; none if it has no spec yet."""
        options = {"state": state, "limit": page}
        while True:
            found = self.client.call("get_work_units", task.name, options)[0] or []
            for name, data in found:
                yield text(name), data
            if len(found) < page:
                return
            options["start"] = found[-1][0]

    def worker(self, processes: int = 1, threads: int = 1, **options: Any) -> "Worker":
        """A worker of these tasks: `app.worker(processes=4).run()`. See `coordinate.worker.Worker` for the options."""
        from .worker import Worker

        return Worker(self, processes=processes, threads=threads, **options)


def _names(tasks: Union[None, str, Task[Any], Sequence[Union[str, Task[Any]]]]) -> Optional[List[str]]:
    """The names of the work specs of one task or several; None if there is none."""
    if tasks is None:
        return None
    several = [tasks] if isinstance(tasks, (str, Task)) else tasks
    return [task.name if isinstance(task, Task) else task for task in several]


def _traced(units: List[Any], parent: Optional[str]) -> List[Any]:
    """Units that say from where they were added."""
    if parent is None:
        return units
    return [[name, dict(data, **{KEY: parent}), *meta] for name, data, *meta in units]


def _differs(there: Any, here: Any) -> bool:
    # The daemon answers names of modules and functions as byte strings.
    return bool((there.decode() if isinstance(there, bytes) and isinstance(here, str) else there) != here)
