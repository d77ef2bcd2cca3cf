#!/usr/bin/env bash
# docker/compose.yaml, read by the library that `docker compose` reads it with.
. "$(dirname "$0")/../rest/common.sh"
need go
mkdir -p "$work/compose"
cp "$root/test/interop/docker/compose/main.go.txt" "$work/compose/main.go"
cd "$work/compose"
[ -f go.mod ] || go mod init interop 2>/dev/null
go get github.com/compose-spec/compose-go/v2@v2.16.2 || skip "the Go module proxy has no compose-go"
go mod tidy || skip "the Go module proxy lacks a module that compose-go needs"
go build -o "$work/bin/read-compose" .

compose=$root/docker/compose.yaml
if env -u DATABASE_PASSWORD "$work/bin/read-compose" "$compose" >/dev/null 2>"$work/compose/refusal"; then
  echo "it is accepted without a password"
  exit 1
fi
grep -q 'set DATABASE_PASSWORD in docker/.env' "$work/compose/refusal"
DATABASE_PASSWORD='p$ss word' GRAFANA_PASSWORD=secret "$work/bin/read-compose" "$compose" >"$work/compose/project.json"
node "$root/test/interop/docker/check-compose.js" "$work/compose/project.json"
