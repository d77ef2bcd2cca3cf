#!/usr/bin/env bash
# Two minutes of Schemathesis against a live daemon: no server error, no answer that the document does not describe.
. "$(dirname "$0")/common.sh"
python_tools schemathesis==4.32.5
start_daemon
mkdir -p "$work/schemathesis"
cd "$work/schemathesis"
# Old clients send junk, which is ignored; an attempt may be gone. GET makes namespaces and workers, and a namespace that
# is missing reads as an empty one, so that nothing is amiss when either answers after its DELETE; nor when the list of
# units does, which DELETE empties. An empty name that a listing showed makes the path of another route, put in a path as it
# is: 405.
cat >schemathesis.toml <<'CONFIG'
[checks]
negative_data_rejection.enabled = false
positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "405", "409", "410"]

[[operations]]
include-path-regex = "^/namespace/[{]namespace[}](/summary|/work_spec(/[{]spec[}]/work_unit)?|/worker.*)?$"
checks.use_after_free.enabled = false

# A namespace that was just made has no work spec yet: asking for one in it is no resource that went missing.
[[operations]]
include-path-regex = "^/namespace/[{]namespace[}]/work_spec/[{]spec[}]"
checks.ensure_resource_availability.enabled = false
CONFIG
# The same inputs each time, so that a change is judged by what it changes; SCHEMATHESIS_SEED tries others.
"$venv/bin/schemathesis" run "$url/openapi.json" --max-time "${SCHEMATHESIS_SECONDS:-120}" --continue-on-failure --no-color \
  --seed "${SCHEMATHESIS_SEED:-1}"
