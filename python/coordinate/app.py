"""An application: tasks, and where their queue is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, Optional, Set, Tuple, TypeVar, Union

from .cbor import text, text_keys
from .client import Client
from .exceptions import Name, NoSuchWorkSpecError
from .task import Task

if TYPE_CHECKING:
    from .worker import Worker

F = TypeVar("F", bound=Callable[..., Any])


class Coordinate:
    """Where the daemon is, `host:port`, or several of them; and the tasks that are in its queue.

    `token` and `namespace` are for daemons that know of them: another refuses them. A token goes to other machines with
    `insecure=True` only, since nothing is encrypted. `timeout` is in seconds, for each call.
    """

    def __init__(
        self,
        address: Union[str, List[str]] = "127.0.0.1:5932",
        *,
        token: Optional[str] = None,
        namespace: Optional[str] = None,
        timeout: float = 30,
        insecure: bool = False,
    ) -> None:
        self._client_options: Dict[str, Any] = dict(
            address=address, token=token, namespace=namespace, timeout=timeout, insecure=insecure
        )
        self.client = self.new_client()
        self.tasks: Dict[str, Task[Any]] = {}
        self._declared: Set[str] = set()
        self._declaring = threading.Lock()

    def new_client(self, **options: Any) -> Client:
        """Another connection to the same queue."""
        return Client(**dict(self._client_options, **options))

    def task(
        self, spec: Optional[str] = None, *, timeout: Optional[float] = None, **options: Any
    ) -> Callable[[F], Task[F]]:
        """Makes a function a task: `@app.task(spec="resize", max_running=8)`.

        `spec` is the name of its work spec, the function's own if it is left out. `timeout` is the longest time in seconds for a call.
        All else (`max_running`, `max_retries`, `priority`, `weight`, `then` …) goes into the work spec.
        """

        def decorate(function: F) -> Task[F]:
            name = spec or function.__name__
            if name in self.tasks:
                raise ValueError(f"there is a task {name!r} already")
            made = {"name": name, "runtime": "python_3", "module": function.__module__, "run_function": function.__name__}
            task = self.tasks[name] = Task(self, function, dict(made, **options), timeout)
            return task

        return decorate

    def declare(self, task: Task[Any]) -> None:
        """Sets the work spec of a task, unless it is there already as it is here; what is paused stays so."""
        with self._declaring:
            if task.name in self._declared:
                return
            there = text_keys(self.client.call("get_work_spec", task.name))
            if there is None or any(_differs(there.get(key), value) for key, value in task.spec.items()):
                self.client.call("set_work_spec", dict(there or {}, **task.spec))
            self._declared.add(task.name)

    def add_units(self, task: Task[Any], units: List[Any]) -> None:
        """Adds units of a task, in the form of `add_work_units`."""
        self.declare(task)
        added, message = self.client.call("add_work_units", task.name, units)
        if not added:
            # Somebody has deleted the spec since.
            self._declared.discard(task.name)
            self.declare(task)
            if not self.client.call("add_work_units", task.name, units)[0]:
                raise NoSuchWorkSpecError(task.name)

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


def _differs(there: Any, here: Any) -> bool:
    # The daemon answers names of modules and functions as byte strings.
    return bool((there.decode() if isinstance(there, bytes) and isinstance(here, str) else there) != here)
