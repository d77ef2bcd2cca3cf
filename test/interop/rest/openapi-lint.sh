#!/usr/bin/env bash
# The OpenAPI document passes the recommended rules of Redocly and Spectral without a warning.
. "$(dirname "$0")/common.sh"
write_openapi
mkdir -p "$work/lint"
cd "$work/lint"
[ -f package.json ] || echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts @redocly/cli@2.77.0 @stoplight/spectral-cli@6.16.0 ||
  skip "the npm registry has no linter"
REDOCLY_TELEMETRY=off npx --no-install redocly lint --extends recommended-strict ../openapi.json
echo 'extends: ["spectral:oas"]' >.spectral.yaml
npx --no-install spectral lint --fail-severity hint ../openapi.json
