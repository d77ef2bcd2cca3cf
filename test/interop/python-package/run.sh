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
pythons=()
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
for version in ${PYTHON_VERSIONS:-3.9 3.11 3.13}; do
  if ! python=$(find_python "$version"); then
    lacking+=("$version")
    continue
  fi
  venv=$root/node_modules/.cache/interop-python-package/$version-$(cksum <"$here/requirements.txt" | cut -d ' ' -f 1)
  make_environment "$python" "$venv" "$here/requirements.txt" || skip "the tests' packages cannot be installed for Python $version"
  echo "Python $version: pip install ./python, and its wheel into an environment that has nothing"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall --no-build-isolation .
  if [ ${#ran[@]} -eq 0 ]; then
    "$venv/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$wheels" .
  fi
  "$python" -m venv "$wheels/$version"
  # Nothing may be compiled, here or in what it needs.
  CC=/bin/false "$wheels/$version/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "$wheels"/*.whl
  "$wheels/$version/bin/coordinate" --help >"$wheels/help"
  "$wheels/$version/bin/coordinate_worker" --help >"$wheels/help"
  "$wheels/$version/bin/python" -c 'import coordinate.aio, coordinate.testing, coordinate.run_multi_worker'
  "$venv/bin/python" -m mypy --cache-dir "$wheels/mypy"
  pythons+=("$venv/bin/python")
  ran+=("$version")
done
[ ${#ran[@]} -gt 0 ] || skip "there is no Python ${lacking[*]}"
[ ${#lacking[@]} -eq 0 ] || echo "not tried, for lack of it: Python ${lacking[*]}"

# The tests wait more than they work: those of all versions run at the same time.
tests() {
  cd tests && timeout 400 "$1" -m pytest -q -p no:cacheprovider -c ../pyproject.toml --rootdir .. .
}
running=()
for i in "${!pythons[@]}"; do
  tests "${pythons[$i]}" >"$wheels/tests-$i.log" 2>&1 &
  running+=($!)
done
failed=0
for i in "${!running[@]}"; do
  wait "${running[$i]}" || failed=1
  echo "Python ${ran[$i]}:"
  cat "$wheels/tests-$i.log"
done
exit $failed
