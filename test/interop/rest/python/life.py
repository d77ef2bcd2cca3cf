"""The whole life of a work unit, by the generated client."""

import sys

from coordinate_client import Client
from coordinate_client.api.attempts import (
    fail_attempt,
    finish_attempt,
    finish_attempts,
    get_attempt,
    renew_attempt,
    request_attempts,
    retry_attempt,
)
from coordinate_client.api.namespaces import create_namespace, delete_namespace, list_namespaces
from coordinate_client.api.service import get_root, get_summary
from coordinate_client.api.work_specs import count_work_units, get_work_spec, set_work_spec
from coordinate_client.api.work_units import (
    add_work_units,
    delete_work_units,
    get_work_unit,
    list_work_units,
    retry_work_units,
)
from coordinate_client.api.workers import get_worker
from coordinate_client.models import (
    AttemptCompletion,
    AttemptOutcome,
    AttemptOutcomeOutcome,
    AttemptOutcomes,
    AttemptRequest,
    DataObject,
    ListWorkUnitsStatusItem,
    NewNamespace,
    NewWorkUnit,
    NewWorkUnits,
    WorkSpecDefinition,
)

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
NS, WORKER = "python", "worker-1"


def data(**members):
    return DataObject.from_dict(members)


def address(attempt):
    """The path parts of an attempt."""
    parts = attempt.url.split("/")
    return dict(namespace=NS, spec=parts[4], unit=parts[6], worker=parts[8], start=parts[9])


def counts(spec):
    return count_work_units.sync(namespace=NS, spec=spec, client=client).to_dict()


assert get_root.sync(client=client).namespaces_url == "/namespace"
assert create_namespace.sync(client=client, body=NewNamespace(name=NS)).name == NS
for definition in (data(name="crawl", then="extract"), data(name="extract", disabled=True)):
    set_work_spec.sync(namespace=NS, client=client, body=WorkSpecDefinition(data=definition))
spec = get_work_spec.sync(namespace=NS, spec="crawl", client=client)
assert spec.data["then"] == "extract", spec
units = [NewWorkUnit(name=f"u{i:03}", data=data(page=i)) for i in range(100)]
added = add_work_units.sync(namespace=NS, spec="crawl", client=client, body=NewWorkUnits(work_units=units))
assert [unit.name for unit in added.work_units] == [unit.name for unit in units]
assert counts("crawl") == {"available": 100}

worker = dict(namespace=NS, worker=WORKER)
claim = request_attempts.sync(**worker, client=client, body=AttemptRequest(number_of_work_units=10))
assert [attempt.work_unit for attempt in claim.attempts] == [f"u{i:03}" for i in range(10)]
first, second, third, *others = claim.attempts
assert first.data["page"] == 0 and first.expiration_time > first.start_time
answer = renew_attempt.sync_detailed(
    **address(first), client=client, body=AttemptCompletion(extend_duration=3_600_000_000_000)
)
assert answer.status_code == 204
assert get_attempt.sync(**address(first), client=client).expiration_time > first.expiration_time
output = AttemptCompletion(data=data(output=[["x", {"from": 0}], "y"]))
assert finish_attempt.sync_detailed(**address(first), client=client, body=output).status_code == 204
assert counts("extract") == {"available": 2}
assert get_work_unit.sync(namespace=NS, spec="extract", unit="x", client=client).data["from"] == 0
again = finish_attempt.sync_detailed(**address(first), client=client, body=output)
assert (again.status_code, again.parsed.error) == (409, "ErrNotPending")
fail = AttemptCompletion(data=data(traceback="no such page"))
assert fail_attempt.sync_detailed(**address(second), client=client, body=fail).status_code == 204
assert counts("crawl") == {"available": 90, "pending": 8, "finished": 1, "failed": 1}
assert retry_work_units.sync(namespace=NS, spec="crawl", client=client).retried == 1
later = AttemptCompletion(delay=3_600_000_000_000)
assert retry_attempt.sync_detailed(**address(third), client=client, body=later).status_code == 204
assert get_work_unit.sync(namespace=NS, spec="crawl", unit="u002", client=client).status == "delayed"
outcomes = [AttemptOutcome(url=attempt.url, outcome=AttemptOutcomeOutcome.FINISHED) for attempt in others]
results = finish_attempts.sync(**worker, client=client, body=AttemptOutcomes(attempts=outcomes)).results
assert [result.status for result in results] == ["finished"] * 7
assert counts("crawl") == {"available": 91, "delayed": 1, "finished": 8}

finished = list_work_units.sync(
    namespace=NS, spec="crawl", client=client, status=[ListWorkUnitsStatusItem.FINISHED], limit=3
)
assert [unit.name for unit in finished.work_units] == ["u000", "u003", "u004"] and finished.next_url
named = list_work_units.sync(namespace=NS, spec="crawl", client=client, name=["u001", "none", "u050"])
assert [unit.name for unit in named.work_units] == ["u001", "u050"]
missing = get_work_unit.sync_detailed(namespace=NS, spec="crawl", unit="none", client=client)
assert (missing.status_code, missing.parsed.error, missing.parsed.value) == (404, "ErrNoSuchWorkUnit", "none")
assert get_worker.sync(**worker, client=client).active
assert {record.work_spec for record in get_summary.sync(client=client)} == {"crawl", "extract"}
deleted = delete_work_units.sync(namespace=NS, spec="crawl", client=client)
assert deleted.deleted == 100
assert delete_namespace.sync_detailed(namespace=NS, client=client).status_code == 204
assert NS not in [namespace.name for namespace in list_namespaces.sync(client=client).namespaces]
print("the Python client is through")
