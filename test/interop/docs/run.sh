#!/usr/bin/env bash
# The clients of docs/rest-clients.md: the page's own commands generate, install and build them, and its workers finish what there
# is to do.
. "$(dirname "$0")/../rest/common.sh"
for program in curl go npm python3; do need "$program"; done
python3 -c 'import venv, ensurepip' 2>/dev/null || skip "python3 has no venv"
start_daemon
folder=$work/docs-clients
rm -rf "$folder"
mkdir -p "$folder"
node "$root/test/interop/docs/extract.js" "$root/docs/rest-clients.md" "$folder" "$url"

# As npm would have it, of this tree.
[ -f "$root/packages/client/dist/index.js" ] || skip "the client is not built (npm run build)"
(cd "$root/packages/client" && npm pack --silent --ignore-scripts --pack-destination "$folder" >/dev/null)
sed -i "s|install coordinate-client|install $(echo "$folder"/coordinate-client-*.tgz)|" "$folder/typescript/setup.sh"

# restart_daemon: at the same address, with nothing in it. Whoever asks meanwhile is refused the connection.
restart_daemon() {
  kill "$daemon"
  wait "$daemon" || true
  sleep 1
  node "$root/dist/main.js" -backend memory -http "${url#http://}" -cborrpc off -log-level warn >"$work/daemon.$$" 2>&1 &
  daemon=$!
  for _ in $(seq 300); do
    curl -fsS -o /dev/null "$url/readyz" 2>/dev/null && return
    sleep 0.1
  done
  cat "$work/daemon.$$"
  echo "the daemon did not start again"
  exit 1
}

# client NAME COMMAND...: sets the client up, adds units, and runs its worker until they are finished
client() {
  name=$1
  local worker
  shift
  cd "$folder/$name"
  bash -e setup.sh >setup.log 2>&1 || { cat setup.log; skip "a registry lacks what the $name client needs"; }
  "$@" "$url" "docs-$name" worker-1 >worker.log 2>&1 &
  worker=$!
  finish_three
  restart_daemon
  finish_three
  kill "$worker" 2>/dev/null || true
  wait "$worker" 2>/dev/null || true
  curl -fsS "$url/namespace/docs-$name/work_spec/names/work_unit/three" | grep -q '"characters":5'
  echo "$name: 3 units finished, and 3 after the daemon was started again"
}

# finish_three: adds three units, and waits until the worker at hand has finished them
finish_three() {
  post "" '{"data": {"name": "names"}}'
  post /names/add '{"work_units": [{"name": "one"}, {"name": "two"}, {"name": "three"}]}'
  for _ in $(seq 600); do
    counts=$(curl -fsS "$url/namespace/docs-$name/work_spec/names/counts")
    [ "$counts" = '{"finished":3}' ] && return
    sleep 0.1
  done
  cat worker.log
  echo "the $name worker: $counts"
  exit 1
}

# post PATH JSON: into the namespace of the client at hand
post() {
  curl -fsS -o /dev/null -H 'content-type: application/json' -d "$2" "$url/namespace/docs-$name/work_spec$1"
}

client python venv/bin/python worker.py
client typescript node worker.mjs
client go ./worker
