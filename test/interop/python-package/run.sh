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
found=()
pythons=()
for version in ${PYTHON_VERSIONS:-3.9 3.11 3.13}; do
  if python=$(find_python "$version"); then
    found+=("$version")
    pythons+=("$python")
  else
    lacking+=("$version")
  fi
done
[ ${#found[@]} -gt 0 ] || skip "there is no Python ${lacking[*]}"
[ ${#lacking[@]} -eq 0 ] || echo "not tried, for lack of it: Python ${lacking[*]}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# one_version VERSION PYTHON: all of it.
one_version() {
  local folder=$work/$1 environment pip
  environment=$root/node_modules/.cache/interop-python-package/$1-$(cksum <"$here/requirements.txt" | cut -d ' ' -f 1)
  make_environment "$2" "$environment" "$here/requirements.txt" || skip "the tests' packages cannot be installed for Python $1"
  pip=("$environment/bin/python" -m pip --disable-pip-version-check)
  echo "Python $1: pip install ./python, and its wheel into an environment that has nothing"
  "${pip[@]}" install --quiet --no-deps --force-reinstall --no-build-isolation .
  "${pip[@]}" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$folder/wheels" .
  # To have a pip in there takes longer than all the rest of it.
  "$2" -m venv --without-pip "$folder/fresh"
  # Nothing may be compiled, here or in what it needs.
  CC=/bin/false "${pip[@]}" --python "$folder/fresh/bin/python" install --quiet --only-binary :all: "$folder"/wheels/*.whl
  "$folder/fresh/bin/coordinate" --help >"$folder/help"
  "$folder/fresh/bin/coordinate_worker" --help >"$folder/help"
  "$folder/fresh/bin/python" -c 'import coordinate.aio, coordinate.testing, coordinate.run_multi_worker'
  # By the oldest and the newest: what lies between has no types of its own.
  if [ "$1" = "${found[0]}" ] || [ "$1" = "${found[-1]}" ]; then
    "$environment/bin/python" -m mypy --cache-dir "$folder/mypy"
  fi
  cd tests
  timeout 900 "$environment/bin/python" -m pytest -q -p no:cacheprovider -c ../pyproject.toml --rootdir .. .
}

# They wait more than they work, for packages to come and in their tests: all versions go at the same time.
running=()
for i in "${!found[@]}"; do
  mkdir "$work/${found[$i]}"
  one_version "${found[$i]}" "${pythons[$i]}" >"$work/${found[$i]}/log" 2>&1 &
  running+=($!)
done
failed=0
skipped=
for i in "${!running[@]}"; do
  status=0
  wait "${running[$i]}" || status=$?
  cat "$work/${found[$i]}/log"
  case $status in
    0) ;;
    77) skipped=$(tail -n 1 "$work/${found[$i]}/log") ;;
    *) failed=1 ;;
  esac
done
[ "$failed" -eq 0 ] || exit 1
[ -z "$skipped" ] || skip "$skipped"
