"""Waiting for what comes about beside a test."""

import time


def until(holds, what, seconds=120):
    deadline = time.time() + seconds
    while not holds():
        assert time.time() < deadline, what
        time.sleep(0.05)
