"""A queue of work of Coordinate for Python 3.8 and later: the standard library alone, over REST. Copy it beside your program.

See words.py beside it for all that a program needs.
"""
import base64
import itertools
import json
import multiprocessing
import os
import re
import signal
import socket
import threading
import time
import traceback
import urllib.error
import urllib.request


class WorkQueue:
    """The units of a work spec. `max_retries`: a unit that has been tried so often, by processes that died of it, fails.
    `at_once`: units of one claim. More of them are faster where each takes milliseconds only, but a process that dies takes all
    that it has claimed with it, and each of them is one try the poorer.
    `lease`: seconds until others get what a process had that died; renewed three times in that time."""

    def __init__(self, url, namespace, work_spec, max_retries=3, at_once=1, lease=60):
        self.url, self.spec, self.at_once, self.lease = url, work_spec, at_once, lease
        self.namespace = "/namespace/" + path_name(namespace)
        self.units = self.namespace + "/work_spec/" + path_name(work_spec)
        self.spec_data = {"name": work_spec, "max_retries": max_retries}

    def add(self, units):
        """Adds units from a dict of names and data. One that is there already gets the new data and is done again."""
        self.call(self.namespace + "/work_spec", {"data": self.spec_data})
        new = [{"name": name, "data": data} for name, data in units.items()]
        for start in range(0, len(new), 1000):
            self.call(self.units + "/add", {"work_units": new[start : start + 1000]})

    def work(self, function, processes=1):
        """Calls function(name, data) for each unit, in so many processes, until none is left to do. What it returns, a dict, is
        kept with the unit; if it raises, the unit fails. The same may be done on other machines at the same time."""
        running = []
        try:
            while True:
                # A process that died, as for lack of memory, is replaced: others get its units when the lease is over.
                running = [process for process in running if process.is_alive()]
                counts = self.counts()
                if not any(counts.get(status) for status in ("available", "delayed", "pending")):
                    return counts
                while len(running) < processes:
                    running.append(multiprocessing.Process(target=self.run_worker, args=(function,), daemon=True))
                    running[-1].start()
                time.sleep(0.5)
        finally:
            for process in running:
                process.terminate()

    def counts(self):
        """How many units there are by status."""
        return self.call(self.units + "/counts")

    def finished(self):
        """The finished units: pairs of name and data."""
        return self.listed("finished")

    def failed(self):
        """The failed units: pairs of name and data, in which `traceback` says why."""
        return self.listed("failed")

    def listed(self, status):
        path = self.units + "/work_unit?status=%s&include=data&data=json" % status
        while path:
            page = self.call(path)
            for unit in page["work_units"]:
                yield unit["name"], unit["data"]
            path = page.get("next_url")

    def run_worker(self, function):
        """Does units for as long as the process lives, which is its parent's business."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        worker = "%s/worker/%s" % (self.namespace, path_name("%s-%d" % (socket.gethostname(), os.getpid())))
        held = set()  # links of the attempts that are not over yet

        def renew():
            while True:
                time.sleep(self.lease / 3)
                renewals = [{"url": url, "extend_duration": int(self.lease * 10**9)} for url in list(held)]
                if renewals:
                    self.call(worker + "/renew_attempts", {"attempts": renewals})

        threading.Thread(target=renew, daemon=True).start()
        claim = {"work_specs": [self.spec], "number_of_work_units": self.at_once, "lifetime": int(self.lease * 10**9)}
        while True:
            attempts = self.call(worker + "/request_attempts?data=json", claim)["attempts"]
            held.update(attempt["url"] for attempt in attempts)
            for attempt in attempts:
                try:
                    outcome, data = "finished", function(attempt["work_unit"], attempt["data"])
                except Exception:
                    outcome, data = "failed", dict(attempt["data"], traceback=traceback.format_exc())
                report = {"url": attempt["url"], "outcome": outcome, "data": data}
                held.discard(attempt["url"])
                [result] = self.call(worker + "/finish_attempts", {"attempts": [report]})["results"]
                if "error" in result:  # the lease had run out, somebody else has it
                    print(attempt["work_unit"], result["message"])
            if not attempts:
                time.sleep(1)

    def call(self, path, body=None):
        """Posts the body, or gets without one, again and again until it is answered: while the daemon is away, restarts or has
        too much to do. A claim whose answer was lost does no harm, nor does a report that arrives twice."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        for tries in itertools.count():
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.loads(answer.read())
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503):
                    raise RuntimeError("%s: %d %s" % (path, error.code, error.read().decode())) from None
            except OSError:
                pass
            time.sleep(min(0.5 * 2**tries, 10))


def path_name(name):
    """A name as it stands in paths."""
    if re.fullmatch("[A-Za-z0-9_:][A-Za-z0-9._:-]*", name):
        return name
    return "-" + base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
