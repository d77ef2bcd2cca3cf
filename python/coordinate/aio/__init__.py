"""The queue for asyncio: a client whose calls run side by side, and a worker that does very many async tasks at once."""

from .client import Client
from .worker import Worker

__all__ = ["Client", "Worker"]
