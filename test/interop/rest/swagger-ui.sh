#!/usr/bin/env bash
# Swagger UI in a real browser, with no network but this daemon: open a route, try it out, see the answer.
. "$(dirname "$0")/common.sh"
. "$root/test/interop/debian.sh"
install_package chromium chromium
chromium=$(command -v chromium) || skip "there is no chromium"
mkdir -p "$work/swagger-ui"
cp "$root/test/interop/rest/swagger-ui.mjs" "$work/swagger-ui/"
cd "$work/swagger-ui"
[ -f package.json ] || echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.64.1 || skip "the npm registry has no playwright-core"
start_daemon
CHROMIUM="$chromium" node swagger-ui.mjs "$url"
