#!/usr/bin/env bash
# People sign in at a real provider of OpenID Connect in a real browser, for two daemons on one PostgreSQL. Status 77, its reason in the
# last line: skipped.
. "$(dirname "$0")/../rest/common.sh"
. "$root/test/interop/debian.sh"
install_package chromium chromium
CHROMIUM=$(command -v chromium) || skip "there is no chromium (Debian: apt-get install chromium)"
export CHROMIUM
mkdir -p "$work/sign-in"
cd "$work/sign-in"
[ -f package.json ] || echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts oidc-provider@9.13.3 playwright-core@1.64.1 ||
  skip "the npm registry has no oidc-provider and playwright-core"
export SIGN_IN_PACKAGES=$PWD/node_modules
cd "$root"
# The dashboard is one of the pages that are tried.
[ -f dist/ui/index.html ] || npm run --silent build
exec npx vitest run --config test/interop/vitest.config.ts test/interop/sign-in
