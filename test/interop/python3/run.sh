#!/usr/bin/env bash
# Runs the example's Python 3 worker. Status 77, its reason in the last line: skipped.
# cbor2 is installed once, under node_modules/.cache; PYTHON3 names an interpreter that is not on the path.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)

skip() {
  echo "$1"
  exit 77
}

python=$(command -v "${PYTHON3:-python3}") || skip "there is no Python 3"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
venv=$root/node_modules/.cache/interop-python3/$version
if [ ! -f "$venv/.complete" ]; then
  rm -rf "$venv"
  mkdir -p "$(dirname "$venv")"
  "$python" -m venv "$venv" || skip "this Python 3 makes no virtual environment: $python"
  "$venv/bin/python" -m pip install --quiet cbor2 || skip "cbor2 cannot be installed"
  touch "$venv/.complete"
fi

cd "$root"
export PYTHON=$venv/bin/python PYTHONDONTWRITEBYTECODE=1
exec npx vitest run --config test/interop/vitest.config.ts test/interop/python3
