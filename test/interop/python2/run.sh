#!/usr/bin/env bash
# Runs the published Python 2 client against the daemon. Status 77, its reason in the last line: skipped.
# The client is installed once, under node_modules/.cache; PYTHON2 names an interpreter that is not on the path.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)

skip() {
  echo "$1"
  exit 77
}

is_python2() { [ -n "$1" ] && "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (2, 7))' >/dev/null 2>&1; }

find_python2() {
  local candidate version
  for candidate in "${PYTHON2:-}" python2.7 python2 python; do
    if is_python2 "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  command -v pyenv >/dev/null || return 1
  for version in $(pyenv versions --bare | grep '^2\.7'); do
    candidate=$(pyenv prefix "$version")/bin/python2.7
    if is_python2 "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

python=$(find_python2) || skip "there is no Python 2.7"
"$python" -m pip --version >/dev/null 2>&1 || skip "this Python 2.7 has no pip: $python"

packages=$root/node_modules/.cache/interop-python2/$(cksum <"$here/requirements.txt" | cut -d ' ' -f 1)
if [ ! -f "$packages/.complete" ]; then
  rm -rf "$packages"
  mkdir -p "$packages"
  # Without their dependencies: all of them are listed, but psycopg2, which stand-in/ stands in for.
  if ! "$python" -m pip install --quiet --no-deps --target "$packages" -r "$here/requirements.txt"; then
    skip "the published client cannot be installed"
  fi
  touch "$packages/.complete"
fi

cd "$root"
export PYTHON2=$python PYTHON2_PACKAGES=$packages PYTHONDONTWRITEBYTECODE=1
exec npx vitest run --config test/interop/vitest.config.ts test/interop/python2
