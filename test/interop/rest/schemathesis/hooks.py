"""What Schemathesis cannot know of the API: where its links lead, and what DELETE of a list does."""

import re

import schemathesis


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Has every link that an example shows followed, to the operations that its path parts are enough for.

    OpenAPI cannot say that itself: a path part is in no field of an answer, only in its links."""
    paths = raw_schema["paths"]
    targets = [(names_in(path), operation) for path, item in paths.items() for operation in item.values()]
    for source in (operation for _, operation in targets):
        for answer in source["responses"].values():
            example = answer.get("content", {}).get("application/json", {}).get("example")
            kinds = {}
            for pointer, url in strings(example):
                path = next((path for path in paths if pattern(path, "[^/{}]+").fullmatch(url)), "")
                kinds.setdefault(names_in(path), (path, pointer))
            links = {
                f"{operation['operationId']}{suffix}": link(operation, names & part_names, *kinds[names], body)
                for names in kinds
                for part_names, operation in targets
                # A worker may have any name.
                if names and names in (part_names, part_names - {"worker"})
                for suffix, body in bodies(operation)
            }
            if links:
                answer["links"] = links


def names_in(path):
    return frozenset(re.findall(r"{(\w+)}", path))


def pattern(path, part, captured=None):
    return re.compile(re.sub(r"{(\w+)}", lambda name: f"({part})" if name[1] == captured else part, path))


def strings(value, pointer=""):
    """Every text of an example, with where it stands; of a list the first item stands for all."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from strings(member, f"{pointer}/{key}")
    elif isinstance(value, list):
        for item in value[:1]:
            yield from strings(item, f"{pointer}/0")


def bodies(operation):
    """Any body there may be, and that of the example: with it one thing leads to the next, a spec to units, to attempts."""
    yield "", None
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content:
        yield "Example", content["examples"]["example"]["value"]


def link(operation, names, path, pointer, body):
    def part(name):
        return f"$response.body#{pointer}#regex:^{pattern(path, '[^/]+', name).pattern}$"

    if operation["operationId"] == "finishAttempts" and body:
        body = {"attempts": [{"url": "$response.body#/attempts/0/url", "outcome": "finished"}]}
    return {
        "operationId": operation["operationId"],
        "parameters": {name: part(name) for name in names},
        "x-schemathesis": {"is_inferred": True},
        **({"requestBody": body} if body else {}),
    }


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """DELETE of a list of units takes out of it what the query selects: the list stays, and so do the other units."""
    emptied = "DELETE /namespace/{namespace}/work_spec/{spec}/work_unit"
    return not (failure.code == "ST301" and failure.operation == emptied)


LONGEST_WAIT = 60_000_000_000
SECOND = 1_000_000_000


@schemathesis.hook
def before_call(context, case, kwargs):
    """A claim that waits for work, as long as it may, would leave no time for anything else."""
    wait = case.body.get("wait") if isinstance(case.body, dict) else None
    if isinstance(wait, (int, float)) and SECOND < wait <= LONGEST_WAIT:
        case.body["wait"] = SECOND
