#!/usr/bin/env bash
# Two minutes of Schemathesis against a live daemon: no server error, no answer that the document does not describe.
. "$(dirname "$0")/common.sh"
python_tools schemathesis==4.32.5
start_daemon
mkdir -p "$work/schemathesis"
cd "$work/schemathesis"
# All checks are on but for these. Old clients send junk, which is ignored. GET makes namespaces and workers, and a namespace
# that is missing reads as an empty one, its summary, work specs and workers too, so that an answer after its DELETE is no
# fault; DELETE of the list of units empties that list, which stays. Of the statuses that may answer to what fits the
# document 400 is there because not all is in it that is checked (names of text that are not UTF-8), and 410 because an
# attempt may be gone; 404 and 409 are among those that the check allows by itself. 405: an empty name, which a listing has
# shown and which the fuzzer puts into a path as it is, makes the path of another route.
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
