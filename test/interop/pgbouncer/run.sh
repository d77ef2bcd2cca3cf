#!/usr/bin/env bash
# The contract of the storage through PgBouncer in transaction mode, which npm cannot bring. Status 77, its reason in the last
# line: skipped.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. test/interop/debian.sh
install_package pgbouncer pgbouncer
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || {
  echo "pgbouncer is not installed (Debian: apt-get install pgbouncer)"
  exit 77
}
exec env PGBOUNCER_CONTRACT=1 npx vitest run test/contract/pgbouncer.test.ts
