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
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# try REPORT FILE...
try() { FULL_SIZE=1 npx vitest run --reporter=default --reporter=json --outputFile.json="$1" "${@:2}"; }

# These take the machine for minutes, with more processes than it has cores, and others beside them. What fails there is tried once more by
# itself: a fault fails again, and what did not is told in the summary of .ci/run all the same.
# run NAME FILE...
run() {
  local report=$work/$1.json again
  try "$report" "${@:2}" && return 0
  [ -s "$report" ] || return 1
  mapfile -t again < <(node tools/failed-tests.mjs "$report")
  # What went wrong outside of all tests.
  [ "${#again[@]}" -gt 0 ] || return 1
  echo "Once more, those in which something failed: ${again[*]}"
  try "$work/again.json" "${again[@]}" || return 1
  again_passed+=("$(node tools/failed-tests.mjs "$report" --names)")
}

again_passed=()
status=0
AS_SHIPPED=1 run shipped "${shipped[@]}" || status=$?
run others "${others[@]}" || status=$?
[ "${#again_passed[@]}" -eq 0 ] || echo "passed at the second try: ${again_passed[*]}"
exit "$status"
