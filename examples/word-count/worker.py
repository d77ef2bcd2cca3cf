#!/usr/bin/env python3
"""A worker in Python 3, beside worker.ts: standard library and cbor2.

Usage: worker.py HOST:PORT WORKER_ID PARENT_ID SPEC...
"""
import os
import signal
import socket
import sys
import time
import traceback

import cbor2

FINISHED, FAILED = 4, 5
LEASE_SECONDS, HEARTBEAT_SECONDS, UNITS_AT_ONCE, IDLE_SECONDS = 2, 5, 10, 0.05


class Client:
    """Calls methods of the daemon over one connection, which it opens anew when it was lost."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address, self.stream, self.count, self.patient = (host, int(port)), None, 0, True

    def call(self, method, *params):
        """Says it again until it is answered, while the daemon restarts or its storage is away. A claim whose answer was lost
        does no harm: its units come back when their leases run out. Nor does a report that arrives twice."""
        pause = 0.1
        while True:
            try:
                answer = self.ask(method, params)
                if "error" not in answer:
                    return answer["result"]
                message = answer["error"]["message"]
                if not (self.patient and message.startswith("storage unavailable")):
                    raise RuntimeError(message)
            except OSError:
                self.stream = None
                if not self.patient:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, 5)

    def ask(self, method, params):
        if self.stream is None:
            self.stream = socket.create_connection(self.address, timeout=30).makefile("rwb")
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        self.stream.write(cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(message))))
        self.stream.flush()
        return plain(cbor2.loads(self.read_frame()))

    def read_frame(self):
        """The inside of a tag 24: two bytes of tag, the byte string's head, the byte string."""
        kind = self.read(3)[2] & 0x1F
        length = kind if kind < 24 else int.from_bytes(self.read(1 << (kind - 24)), "big")
        return self.read(length)

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise ConnectionError("the daemon closed the connection")
        return data


def plain(value):
    """Byte strings as text, tuples (tag 128) as lists: the names and data of this example are all text."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, cbor2.CBORTag):
        return plain(value.value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    return value


def count_words(key, data, spec):
    with open(os.path.join(spec["directory"], key), "rb") as file:
        words = len(file.read().split())
    name, _, extension = os.path.basename(key).rpartition(".")
    extension = extension.lower() if name and extension else "none"
    return {"words": words, "output": {"%s/%s" % (extension, key): {"words": words}}}


def size_class(key, data, spec):
    fitting = [name for name, limit in spec["classes"] if limit is None or data["words"] < limit]
    return {"words": data["words"], "size_class": fitting[0]}


TASKS = {"count_words": count_words, "size_class": size_class}


def main(address, worker_id, parent_id, *spec_names):
    client, specs, heartbeat_due = Client(address), {}, 0
    signal.signal(signal.SIGTERM, lambda *_: setattr(client, "patient", False))

    def report(unit, **change):
        client.call("update_work_unit", unit[0], unit[1], dict(change, worker_id=worker_id))

    while client.patient:  # until SIGTERM; what it has by then it finishes
        leased_at = time.time()
        if leased_at >= heartbeat_due:
            heartbeat_due = leased_at + HEARTBEAT_SECONDS
            about = {"pid": os.getpid(), "version": "Python " + sys.version.split()[0]}
            client.call("worker_heartbeat", worker_id, "RUN", 3 * HEARTBEAT_SECONDS, about, parent_id)
        asked = {"lease_time": LEASE_SECONDS, "max_jobs": UNITS_AT_ONCE, "work_spec_names": spec_names}
        units, _ = client.call("get_work", worker_id, asked)
        if not units:
            time.sleep(IDLE_SECONDS)
        for index, unit in enumerate(units):
            if time.time() - leased_at > LEASE_SECONDS / 2:  # half of the lease is gone: renew what is left to do
                leased_at = time.time()
                for waiting in units[index:]:
                    report(waiting, lease_time=LEASE_SECONDS)
            name, key, data = unit
            if name not in specs:
                spec = client.call("get_work_spec", name)
                if spec is None:  # it has been deleted, and its units with it
                    continue
                specs[name] = spec
            try:
                outcome = {"status": FINISHED, "data": TASKS[specs[name]["task"]](key, data, specs[name])}
            except Exception:
                outcome = {"status": FAILED, "data": dict(data, traceback=traceback.format_exc())}
            report(unit, **outcome)
    client.call("worker_unregister", worker_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
