# Sourced: finds Python 2.7 and installs the published package for it, once, under node_modules/.cache.
# PYTHON2 names an interpreter that is not on the path.

python2_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

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

# install_published: sets python and packages, or skips.
install_published() {
  python=$(find_python2) || skip "there is no Python 2.7"
  "$python" -m pip --version >/dev/null 2>&1 || skip "this Python 2.7 has no pip: $python"

  packages=$python2_folder/../../../node_modules/.cache/interop-python2/$(cksum <"$python2_folder/requirements.txt" | cut -d ' ' -f 1)
  if [ ! -f "$packages/.complete" ]; then
    rm -rf "$packages"
    mkdir -p "$packages"
    # Without their dependencies: all of them are listed, but psycopg2, which stand-in/ stands in for.
    if ! "$python" -m pip install --quiet --no-deps --target "$packages" -r "$python2_folder/requirements.txt"; then
      skip "the published client cannot be installed"
    fi
    touch "$packages/.complete"
  fi
}
