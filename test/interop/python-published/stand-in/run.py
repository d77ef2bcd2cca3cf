"""In place of the published package's daemon as a process: `python -m coordinate.run -v --port PORT`."""

import os
import sys

from coordinate.testing import command

port = sys.argv[sys.argv.index("--port") + 1]
daemon = command()
os.execvp(daemon[0], [*daemon, "-cborrpc", f"127.0.0.1:{port}", "-http", "127.0.0.1:0"])
