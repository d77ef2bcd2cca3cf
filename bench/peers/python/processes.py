"""Starting what works."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def start(*command):
    """A process, in a group of its own, of a program beside this Python or of a module (`-m NAME`)."""
    program = [sys.executable, *command] if command[0].startswith("-") else [os.path.join(sys.prefix, "bin", command[0]), *command[1:]]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(program, cwd=HERE, env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr, start_new_session=True)
