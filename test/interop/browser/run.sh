#!/usr/bin/env bash
# A page in a real browser tries to drive the CBOR-RPC port of the daemon beside it. Status 77, its reason in the last line:
# skipped.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)

. "$root/test/interop/debian.sh"
install_package chromium chromium
CHROMIUM=$(command -v chromium) || {
  echo "there is no chromium (Debian: apt-get install chromium)"
  exit 77
}
export CHROMIUM
cd "$root"
exec npx vitest run --config test/interop/vitest.config.ts test/interop/browser
