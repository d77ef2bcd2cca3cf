#!/usr/bin/env bash
# Prometheus scrapes the loaded daemon: every expression of the dashboard and of the alerts returns data, and each alert
# fires and stays quiet when it must. Status 77, its reason in the last line: skipped.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)

. "$root/test/interop/debian.sh"
install_package promtool prometheus
for program in prometheus promtool; do
  command -v "$program" >/dev/null || {
    echo "$program is not installed (Debian: apt-get install prometheus)"
    exit 77
  }
done

promtool check config "$root/docker/prometheus/prometheus.yml"
promtool test rules "$root/docker/prometheus/alerts.test.yml"
cd "$root"
exec npx vitest run --config test/interop/vitest.config.ts test/interop/prometheus
