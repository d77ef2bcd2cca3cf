#!/usr/bin/env bash
# A client generated for TypeScript is compiled strictly and takes a work unit through its whole life.
. "$(dirname "$0")/common.sh"
write_openapi
start_daemon
mkdir -p "$work/typescript"
cp "$root"/test/interop/rest/typescript/* "$work/typescript"
cd "$work/typescript"
npm install --silent --no-audit --no-fund --ignore-scripts || skip "the npm registry has no openapi-typescript"
npx --no-install openapi-typescript ../openapi.json --output api.d.ts
"$root/node_modules/.bin/tsc" -p .
node life.mjs "$url"
