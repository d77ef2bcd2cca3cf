#!/usr/bin/env bash
# People sign in at a real provider of OpenID Connect in a real browser, for two daemons on one PostgreSQL. Status 77, its reason in the
# last line: skipped.
. "$(dirname "$0")/../rest/common.sh"
. "$root/test/interop/chromium.sh"
chromium_with sign-in oidc-provider@9.13.3
cd "$root"
# The dashboard is one of the pages that are tried.
[ -f dist/ui/index.html ] || npm run --silent build
exec npx vitest run --config test/interop/vitest.config.ts test/interop/sign-in
