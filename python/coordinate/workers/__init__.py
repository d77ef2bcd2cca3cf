"""Workers that run the function which a work spec names: one unit, or many, each in a process of its own."""

from .base import Worker, nice_identifier, run_worker
from .fork import ForkWorker
from .single import LoopWorker, SingleWorker

__all__ = ["ForkWorker", "LoopWorker", "SingleWorker", "Worker", "nice_identifier", "run_worker"]
