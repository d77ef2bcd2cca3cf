#!/usr/bin/env bash
# Two minutes of Schemathesis against a live daemon: no server error, no answer that the document does not describe.
. "$(dirname "$0")/common.sh"
python_tools schemathesis==4.32.5
start_daemon
# It looks for its configuration, which says what is left out and why, where it runs, and writes there.
mkdir -p "$work/schemathesis"
cd "$work/schemathesis"
cp "$root"/test/interop/rest/schemathesis/* .
# The same inputs each time, so that a change is judged by what it changes; SCHEMATHESIS_SEED tries others.
"$venv/bin/schemathesis" run "$url/openapi.json" --max-time "${SCHEMATHESIS_SECONDS:-120}" --continue-on-failure --no-color \
  --seed "${SCHEMATHESIS_SEED:-1}"
