# What the interop stages share. Each is a script that exits 0 when it passes and 77 when it must be skipped, its last
# line of output the reason. They build nothing but what they name and leave everything below build/interop.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
work=$root/build/interop
mkdir -p "$work"

skip() {
  echo "$1"
  exit 77
}

need() {
  command -v "$1" >/dev/null || skip "$1 is not installed"
}

# python_tools PACKAGE==VERSION...: the packages in an environment of their own; $venv is its folder
python_tools() {
  need python3
  venv=$work/venv
  [ -x "$venv/bin/pip" ] || python3 -m venv "$venv" || skip "python3 has no venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" || skip "PyPI has no $*"
}

# go_tool PACKAGE@VERSION: a program built from the Go module proxy, into $work/bin
go_tool() {
  need go
  GOBIN=$work/bin GOFLAGS=-buildvcs=false go install "$1" || skip "the Go module proxy has no $1"
}

# start_daemon [FLAG...]: a daemon over memory on a port of its own; $url is its address. CBOR-RPC is off unless rpc_address says where.
start_daemon() {
  [ -f "$root/dist/main.js" ] || skip "the daemon is not built (npm run build)"
  : >"$work/daemon.$$" # there to be read from at once
  node "$root/dist/main.js" -backend memory -http 127.0.0.1:0 -cborrpc "${rpc_address:-off}" -log-level warn "$@" >"$work/daemon.$$" 2>&1 &
  daemon=$!
  trap 'kill "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true; rm -f "$work/daemon.$$"' EXIT
  for _ in $(seq 300); do
    url=$(sed -n 's|.*HTTP on \(.*\)|http://\1|p' "$work/daemon.$$")
    [ -n "$url" ] && return
    sleep 0.1
  done
  cat "$work/daemon.$$"
  echo "the daemon did not start"
  exit 1
}

# The document that clients are generated from.
write_openapi() {
  (cd "$root" && node dist/commands/write-openapi.js "$work/openapi.json")
}
