"""A network in front of the daemon on which claims, and what comes after them on their connections, are under way for longer than
anything else."""

import socket
import threading
import time
from contextlib import contextmanager

#: The name of the method, as a string of bytes or of text in CBOR: there are longer ones that begin like it.
CLAIMS = (b"\x48get_work", b"\x68get_work")


class Network:
    def __init__(self, target, late):
        self._target = target
        #: How much later, in seconds.
        self._late = late
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listening.getsockname()[1]
        #: A claim is under way.
        self.under_way = threading.Event()
        #: It has come to the daemon, and so has the end of what the client says.
        self.delivered = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            threading.Thread(target=self._there, args=(near, far), daemon=True).start()
            threading.Thread(target=self._back, args=(near, far), daemon=True).start()

    def _there(self, near, far):
        late = False
        while data := self._receive(near):
            late = late or any(name in data for name in CLAIMS)
            if late:
                self.under_way.set()
                time.sleep(self._late)
            try:
                far.sendall(data)
            except OSError:
                # The daemon has ended the connection.
                return
        if late:
            time.sleep(self._late)
        far.shutdown(socket.SHUT_WR)
        if late:
            self.delivered.set()

    def _back(self, near, far):
        try:
            while data := self._receive(far):
                near.sendall(data)
            near.shutdown(socket.SHUT_WR)
        except OSError:
            # The client has gone, and is told nothing more; the daemon is not told of it by a reset.
            while self._receive(far):
                pass

    @staticmethod
    def _receive(connection):
        try:
            return connection.recv(1 << 16)
        except OSError:
            return b""

    def close(self):
        self._listening.close()


@contextmanager
def late_claims(address, late=0.3):
    """Before the daemon at that address."""
    host, _, port = address.rpartition(":")
    network = Network((host, int(port)), late)
    try:
        yield network
    finally:
        network.close()
