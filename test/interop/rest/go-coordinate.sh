#!/usr/bin/env bash
# The programs of the historic Go project work against the daemon, unmodified: coordbench adds and does 10,000 units, and
# demoworker runs its generator and the runner that it chains to for 30 seconds. Where they cannot be had:
# test/rest/historic-client.test.ts does request by request what they do.
. "$(dirname "$0")/common.sh"
module=github.com/diffeo/go-coordinate
version=6f34b33
mkdir -p "$work/go-coordinate"
cd "$work/go-coordinate"
# GO_COORDINATE_BIN names a folder that has the two programs already, built elsewhere.
bin=${GO_COORDINATE_BIN:-$PWD/bin}
if [ -z "${GO_COORDINATE_BIN:-}" ]; then
  need go
  # What the module asks for is of 2017: its codec panics at the start when built with Go 1.22 or later.
  export GOTOOLCHAIN=${GOTOOLCHAIN:-go1.21.13}
  go version >/dev/null || skip "Go $GOTOOLCHAIN is not to be had"
  [ -f go.mod ] || go mod init historic 2>/dev/null
  go get "$module@$version" || skip "the Go module proxy has no $module@$version"
  go get "$module/cmd/coordbench" "$module/cmd/demoworker" || skip "the Go module proxy lacks a module that $module needs"
  go build -o "$bin/" "$module/cmd/coordbench" "$module/cmd/demoworker"
fi
start_daemon

# coordbench tells of no error: the summary does.
"$bin/coordbench" --backend "$url/" --namespace bench --concurrency 16 add --count 10000
expected='[{"Namespace":"bench","WorkSpec":"spec","Status":"available","Count":10000}]'
actual=$(curl -fsS "$url/namespace/bench/summary")
[ "$actual" = "$expected" ] || { echo "after add: $actual"; exit 1; }
"$bin/coordbench" --backend "$url/" --namespace bench --concurrency 16 do
actual=$(curl -fsS "$url/namespace/bench/summary")
[ "$actual" = "${expected/available/finished}" ] || { echo "after do: $actual"; exit 1; }

timeout 30 "$bin/demoworker" -backend "$url/" -namespace demo >demoworker.log 2>&1 || [ $? = 124 ]
node - "$(curl -fsS "$url/namespace/demo/summary")" <<'SCRIPT'
const counts = {};
for (const { WorkSpec, Status, Count } of JSON.parse(process.argv[2])) counts[`${WorkSpec} ${Status}`] = Count;
const { 'generator finished': generated = 0, 'runner finished': run = 0, 'runner failed': failed = 0 } = counts;
console.log(counts);
if (generated < 4 || failed > 0 || run < (generated - 1) * 100) throw new Error('the demo did not do its work');
SCRIPT
