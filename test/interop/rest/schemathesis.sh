#!/usr/bin/env bash
# Two minutes of Schemathesis against a live daemon, and a quarter of a minute signed in with each right: no server error, no answer
# that the document does not describe.
. "$(dirname "$0")/common.sh"
python_tools schemathesis==4.32.5
# It looks for its configuration, which says what is left out and why, where it runs, and writes there.
mkdir -p "$work/schemathesis"
cd "$work/schemathesis"

# try SECONDS [FLAG...]: the same inputs each time, so that a change is judged by what it changes; SCHEMATHESIS_SEED tries others.
try() {
  local seconds=$1
  shift
  "$venv/bin/schemathesis" run "$url/openapi.json" --max-time "$seconds" --continue-on-failure --no-color \
    --seed "${SCHEMATHESIS_SEED:-1}" "$@"
}

cp "$root"/test/interop/rest/schemathesis/* .
start_daemon
try "${SCHEMATHESIS_SECONDS:-120}"
kill "$daemon"
wait "$daemon" || true

rights="read submit work define admin operate"
echo "callers:" >callers.yaml
for right in $rights; do
  hash=$(printf 'the-token-of-%s' "$right" | sha256sum | cut -d' ' -f1)
  echo "  - {name: $right, token_sha256: $hash, rights: {'*': [$right]}}" >>callers.yaml
done
# Whoever has one right alone is refused most of what there is.
sed -i 's/"410"\]/"410", "403"]/' schemathesis.toml
start_daemon -auth-tokens callers.yaml
for right in $rights; do
  echo "== signed in with the right $right"
  try "$(((${SCHEMATHESIS_SECONDS:-120} + 7) / 8))" --header "Authorization: Bearer the-token-of-$right"
done
