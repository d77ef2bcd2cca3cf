"""Looks whether many ports answer, a thousand at once in one process: `python probes.py 127.0.0.1:5932 127.0.0.1:22 …`."""

from __future__ import annotations

import asyncio
import dataclasses
import sys

from coordinate import Context, Coordinate, Retry
from coordinate.aio import Worker

app = Coordinate("127.0.0.1:5932")


@dataclasses.dataclass
class Port:
    host: str
    port: int


@app.task(spec="probes", max_retries=5, timeout=10)
async def probe(port: Port, ctx: Context) -> dict[str, object]:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(port.host, port.port), 2)
    except asyncio.TimeoutError:
        # Perhaps it is only busy.
        raise Retry(delay=1) from None
    except OSError as error:
        return {"port": str(ctx.key), "answers": False, "why": str(error)}
    writer.close()
    return {"port": str(ctx.key), "answers": True}


def main(ports: list[str]) -> None:
    items = [Port(host, int(number)) for host, _, number in (port.rpartition(":") for port in ports)]
    probe.map(items, key=lambda port: f"{port.host}:{port.port}")
    asyncio.run(Worker(app, concurrency=1000).run(until_idle=True))
    for name, data in probe.finished():
        print(name, data["answers"])


if __name__ == "__main__":
    main(sys.argv[1:])
