#!/usr/bin/env bash
# Runs in full size the tests that `npm test` runs in a smaller one: those that import support/full-size.ts, themselves or
# by a helper beside them.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(grep -rlE --include='*.test.ts' "support/full-size\.js'" test packages)
FULL_SIZE=1 exec npx vitest run "${files[@]}"
