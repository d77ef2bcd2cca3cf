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

# A copy, so that a password file of this checkout does not count. Run from elsewhere: the file beside compose.yaml is read.
rm -rf project
mkdir -p project
cp -r "$root/docker" project/
rm -f project/docker/.env
compose=$PWD/project/docker/compose.yaml
read_compose() { env -u DATABASE_PASSWORD -u GRAFANA_PASSWORD "$work/bin/read-compose" "$compose" "$@"; }

cp "$root/docker/.env.example" project/docker/.env
if read_compose >/dev/null 2>refusal; then
  echo "it is accepted without a password"
  exit 1
fi
grep -q 'set [A-Z]*_PASSWORD in docker/.env' refusal

# The passwords are made as the example says.
(cd project && eval "$(sed -n 's/^#   //p' docker/.env.example)")
read_compose >project.json
node "$root/test/interop/docker/check-compose.js" project.json project/docker/.env

read_compose "$PWD/project/docker/compose.tokens.yaml" >tokens.json
node "$root/test/interop/docker/check-compose-tokens.js" tokens.json project.json
