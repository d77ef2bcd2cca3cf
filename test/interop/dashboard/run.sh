#!/usr/bin/env bash
# The dashboard in a real browser, against started daemons. Status 77, its reason in the last line: skipped. With names of files of this
# folder, those alone: run.sh pages.
. "$(dirname "$0")/../rest/common.sh"
. "$root/test/interop/chromium.sh"
chromium_with dashboard oidc-provider@9.13.3
cd "$root"
[ -f dist/ui/index.html ] || npm run --silent build
only=("${@/#/test/interop/dashboard/}")
# A browser at a time: each takes as much of the machine as there is.
exec npx vitest run --config test/interop/vitest.config.ts --no-file-parallelism "${only[@]:-test/interop/dashboard}"
