"""In place of the published package's daemon within the test's process: the daemon of this repository."""

import atexit

from coordinate.testing import Daemon

_daemon = None


class JobQueue:
    """An empty queue."""

    def __init__(self, config):
        global _daemon
        if _daemon is None:
            _daemon = Daemon()
            atexit.register(_daemon.kill)
        _daemon.clear()
        self.client = _daemon.task_master(binary=True)
        self.client._message_count = 10**6
