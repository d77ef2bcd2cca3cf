#!/usr/bin/env bash
# The clients of docs/rest-clients.md: the page's own commands generate and build them, and its workers finish what there
# is to do.
. "$(dirname "$0")/../rest/common.sh"
for program in curl go npm python3; do need "$program"; done
python3 -c 'import venv, ensurepip' 2>/dev/null || skip "python3 has no venv"
start_daemon
folder=$work/docs-clients
rm -rf "$folder"
mkdir -p "$folder"
node "$root/test/interop/docs/extract.js" "$root/docs/rest-clients.md" "$folder" "$url"

# client NAME COMMAND...: sets the client up, adds units, and runs its worker until they are finished
client() {
  local name=$1 worker counts
  shift
  cd "$folder/$name"
  bash -e setup.sh >setup.log 2>&1 || { cat setup.log; skip "a registry lacks what the $name client needs"; }
  post "" '{"data": {"name": "names"}}'
  post /names/add '{"work_units": [{"name": "one"}, {"name": "two"}, {"name": "three"}]}'
  "$@" "$url" "docs-$name" worker-1 >worker.log 2>&1 &
  worker=$!
  for _ in $(seq 300); do
    counts=$(curl -fsS "$url/namespace/docs-$name/work_spec/names/counts")
    [ "$counts" = '{"finished":3}' ] && break
    sleep 0.1
  done
  kill "$worker" 2>/dev/null || true
  wait "$worker" 2>/dev/null || true
  [ "$counts" = '{"finished":3}' ] || { cat worker.log; echo "the $name worker: $counts"; exit 1; }
  curl -fsS "$url/namespace/docs-$name/work_spec/names/work_unit/three" | grep -q '"characters":5'
  echo "$name: 3 units finished"
}

# post PATH JSON: into the namespace of the client at hand
post() {
  curl -fsS -o /dev/null -H 'content-type: application/json' -d "$2" "$url/namespace/docs-$name/work_spec$1"
}

client python venv/bin/python worker.py
client typescript node worker.mjs
client go ./worker
