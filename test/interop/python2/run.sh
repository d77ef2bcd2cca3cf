#!/usr/bin/env bash
# Runs the published Python 2 client against the daemon. Status 77, its reason in the last line: skipped.
# The client is installed once, under node_modules/.cache; PYTHON2 names an interpreter that is not on the path.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)

source "$here/install.sh"
install_published

cd "$root"
export PYTHON2=$python PYTHON2_PACKAGES=$packages PYTHONDONTWRITEBYTECODE=1
npx vitest run --config test/interop/vitest.config.ts test/interop/python2
# Once more with a daemon that asks who is calling and is in front of another, for what calls its methods. The others look at what the client sends, at lost
# connections and at pages, in which that makes no difference.
RPC_CALLER=1 exec npx vitest run --config test/interop/vitest.config.ts test/interop/python2/command-line test/interop/python2/worker
