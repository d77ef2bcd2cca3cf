#!/usr/bin/env bash
# A client generated for Go is compiled and takes a work unit through its whole life.
. "$(dirname "$0")/common.sh"
go_tool github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2
write_openapi
start_daemon
mkdir -p "$work/go/coordinate"
cp "$root/test/interop/rest/go/life.go.txt" "$work/go/life.go"
cd "$work/go"
"$work/bin/oapi-codegen" -generate types,client -package coordinate ../openapi.json >coordinate/client.go
[ -f go.mod ] || go mod init interop 2>/dev/null
go get github.com/oapi-codegen/runtime@v1.8.0 || skip "the Go module proxy has no oapi-codegen/runtime"
go mod tidy || skip "the Go module proxy lacks a module that the client needs"
go vet ./...
go run . "$url"
