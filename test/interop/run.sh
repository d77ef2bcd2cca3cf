#!/usr/bin/env bash
# Every interop stage, without the rest of .ci/run: npm run test:interop. A stage passes with status 0 and is skipped with
# 77, its last line of output the reason; anything else fails.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
failed=0
for stage in */run.sh rest/*.sh docker/*.sh; do
  [ "$stage" = rest/common.sh ] && continue
  echo "== $stage"
  output=$(mktemp)
  timeout --kill-after=10s 15m bash "$stage" </dev/null 2>&1 | tee "$output"
  case ${PIPESTATUS[0]} in
    0) echo "== $stage: passed" ;;
    77) echo "== $stage: skipped: $(tail -n 1 "$output")" ;;
    *) echo "== $stage: FAILED" && failed=1 ;;
  esac
  rm -f "$output"
done
exit "$failed"
