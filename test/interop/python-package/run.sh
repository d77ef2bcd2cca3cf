#!/usr/bin/env bash
# The package of python/: installed as its users do it, and as a wheel, into fresh environments of several versions of Python, its
# types checked, its own tests run against the daemon. Status 77, its reason in the last line: skipped.
# What it needs is installed once, under node_modules/.cache. PYTHON_VERSIONS names other versions than 3.9, 3.11 and 3.13.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
source "$here/versions.sh"

cd "$root/python"
export COORDINATED="node $root/dist/main.js" PYTHONDONTWRITEBYTECODE=1
lacking=()
ran=()
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
for version in ${PYTHON_VERSIONS:-3.9 3.11 3.13}; do
  if ! python=$(find_python "$version"); then
    lacking+=("$version")
    continue
  fi
  venv=$root/node_modules/.cache/interop-python-package/$version-$(cksum <"$here/requirements.txt" | cut -d ' ' -f 1)
  make_environment "$python" "$venv" "$here/requirements.txt" || skip "the tests' packages cannot be installed for Python $version"
  echo "Python $version: pip install ./python"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall --no-build-isolation .
  if [ ${#ran[@]} -eq 0 ]; then
    "$venv/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$wheels" .
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$wheels"/*.whl
    "$venv/bin/python" -m mypy
  fi
  (cd tests && timeout 150 "$venv/bin/python" -m pytest -q -p no:cacheprovider -c ../pyproject.toml --rootdir .. .)
  ran+=("$version")
done
[ ${#ran[@]} -gt 0 ] || skip "there is no Python ${lacking[*]}"
[ ${#lacking[@]} -eq 0 ] || echo "not tried, for lack of it: Python ${lacking[*]}"
