# Sourced: finding versions of Python, and environments for them.

skip() {
  echo "$1"
  exit 77
}

is_version() { [ -n "$2" ] && [ "$("$2" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$1" ]; }

# find_python VERSION: on the path, or of pyenv
find_python() {
  local candidate
  candidate=$(command -v "python$1") && is_version "$1" "$candidate" && echo "$candidate" && return
  command -v pyenv >/dev/null || return 1
  candidate=$(pyenv versions --bare | grep "^$1\." | tail -n 1)
  [ -n "$candidate" ] || return 1
  candidate=$(pyenv prefix "$candidate")/bin/python
  is_version "$1" "$candidate" && echo "$candidate"
}

# make_environment PYTHON FOLDER REQUIREMENTS: once, by one stage at a time, of those that go on beside each other. Only what needs no
# compiler.
make_environment() (
  mkdir -p "$(dirname "$2")"
  exec 9>"$2.lock"
  flock 9
  [ -f "$2/.complete" ] && exit
  rm -rf "$2"
  "$1" -m venv "$2" || exit 1
  "$2/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$3" || exit 1
  touch "$2/.complete"
)
