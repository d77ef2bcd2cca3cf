#!/usr/bin/env bash
# Runs in full size the tests that `npm test` runs in a smaller one, which import support/full-size.ts, themselves or by a helper
# beside them; and those that it leaves out, since they are heavy (see vitest.config.ts).
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <({
  grep -rlE --include='*.test.ts' "support/full-size\.js'" test packages
  npx vitest list --filesOnly --project heavy | sed 's/^\[[a-z]*\] *//'
} | sort -u)
# What a daemon finds beside itself, and which commands it has: these are started from the very files that users start.
shipped=()
others=()
for file in "${files[@]}"; do
  case $file in
    test/daemon/check-config.* | test/daemon/dump.* | test/daemon/embedded.* | test/daemon/start.*) shipped+=("$file") ;;
    *) others+=("$file") ;;
  esac
done
status=0
FULL_SIZE=1 AS_SHIPPED=1 npx vitest run "${shipped[@]}" || status=$?
FULL_SIZE=1 npx vitest run "${others[@]}" || status=$?
exit "$status"
