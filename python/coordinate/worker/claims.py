"""Asking for work without waiting for the answer."""

from __future__ import annotations

import logging
import random
import time
from typing import Any, List, Optional

from ..cbor import text
from ..client import Client
from ..exceptions import RemoteError
from .held import Held

logger = logging.getLogger("coordinate.worker")


class Claims:
    """One claim at a time, over a connection of its own: a daemon that can, keeps it until there is work."""

    #: Seconds that a daemon which can wait is asked to.
    WAIT = 25.0
    #: Seconds that it may take to answer when nothing more is asked.
    END = 2.0

    def __init__(self, client: Client, worker_id: str, specs: List[str], lease: float, poll: float, wait: float) -> None:
        self._client = client
        self._worker_id = worker_id
        self._specs = specs
        self._lease = lease
        #: The longest pause between two claims, where the daemon does not wait.
        self._poll = poll
        self._wait = wait
        self._pause = 0.01
        self._next = 0.0
        self._asked = 0.0
        #: What to wait for, while a claim is out.
        self.descriptor: Optional[int] = None

    def next_at(self, now: float) -> float:
        """Seconds until it may ask again."""
        return max(0.0, self._next - now)

    def ask(self, count: int) -> None:
        """Asks for so many units, if it is time."""
        now = time.monotonic()
        if self.descriptor is not None or now < self._next:
            return
        options = {
            "lease_time": self._lease,
            "max_jobs": max(2, count),
            "work_spec_names": self._specs,
            "runtimes": ["", "python_3", "python_2"],
            "wait": self._wait,
        }
        if count == 1:
            options["max_jobs"] = 1
        try:
            self.descriptor = self._client.start("get_work", self._worker_id, options)
            self._asked = now
        except OSError as error:
            self._failed(error)

    def take(self) -> Optional[List[Held]]:
        """What was given; None if the answer is not here yet."""
        try:
            if not self._client.is_answered():
                return None
            self.descriptor = None
            answer = self._client.take()[0]
        except (OSError, RemoteError) as error:
            self._failed(error)
            return []
        if isinstance(answer, tuple):
            answer = [answer] if answer[1] is not None else []
        # The lease began at some time since it was asked for; a claim that waited, when it was answered.
        now = time.monotonic()
        expires = (self._asked if now - self._asked < 1 else now) + self._lease
        if answer:
            self._pause, self._next = 0.01, 0.0
        elif self._wait == 0 or now - self._asked < self._wait / 2:
            # This daemon does not wait.
            self._next = now + self._pause * random.uniform(0.75, 1.25)
            self._pause = min(self._poll, self._pause * 1.5)
        # They are all of one spec.
        name = text(answer[0][0]) if answer else ""
        return [Held(name, key, data, expires) for _, key, data in answer]

    def end(self) -> List[Held]:
        """Takes nothing more. What was given meanwhile, to be given back: the daemon may not have read the claim yet, and a connection
        that is closed at once would leave what it gives to nobody until the lease ends."""
        found: Optional[List[Held]] = []
        if self.descriptor is not None:
            try:
                until = time.monotonic() + self.END if self._client.end_writing() else self._asked + 0.5
            except OSError as error:
                self._failed(error)
                return []
            found = self.take()
            while found is None and time.monotonic() < until:
                time.sleep(0.002)
                found = self.take()
        self.close()
        return found or []

    def close(self) -> None:
        """Leaves the connection: a claim that is not answered yet is none any more."""
        self.descriptor = None
        self._client.close()

    def _failed(self, error: Exception) -> None:
        logger.warning("no work can be claimed: %s", error)
        self._client.close()
        self.descriptor = None
        self._pause = min(5.0, max(0.25, self._pause * 2))
        self._next = time.monotonic() + self._pause * random.uniform(0.75, 1.25)
