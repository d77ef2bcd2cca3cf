#!/usr/bin/env bash
# A client generated for Python takes a work unit through its whole life.
. "$(dirname "$0")/common.sh"
python_tools openapi-python-client==0.29.1 httpx==0.28.1 attrs==26.1.0 python-dateutil
write_openapi
start_daemon
"$venv/bin/openapi-python-client" generate --path "$work/openapi.json" --meta none \
  --output-path "$work/python/coordinate_client" --overwrite --fail-on-warning \
  --config "$root/test/interop/rest/python/generate.yaml"
PYTHONPATH=$work/python "$venv/bin/python" "$root/test/interop/rest/python/life.py" "$url"
