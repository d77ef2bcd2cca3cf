#!/usr/bin/env bash
# Plug-ins as their users make them: the examples, each a package of its own, are compiled against the packed daemon in an empty folder, and
# loaded there by their names and as files. try.mjs says what is expected of them. The one that brings a backend is packed and installed, and has
# the contract suite run on it.
. "$(dirname "$0")/../rest/common.sh"
. "$(dirname "$0")/../packages/packed.sh"
need npm
rm -rf "$work/plugins"
pack_into "$work/plugins" . packages/client
# Where nothing of this tree is found by accident.
outside=$(mktemp -d)
trap 'rm -rf "$outside"' EXIT
installed_in "$outside" coordinate-client coordinate-daemon
# What the examples name as development dependencies besides.
mkdir -p node_modules/@types
for name in typescript @types/node undici-types vitest; do ln -s "$root/node_modules/$name" "node_modules/$name"; done
for example in tally notifier signed; do
  cp -r "$root/examples/plugins/$example" "$outside/coordinate-plugin-$example"
  (cd "$outside/coordinate-plugin-$example" && node ../node_modules/typescript/bin/tsc)
  ln -s "../coordinate-plugin-$example" "node_modules/coordinate-plugin-$example"
done
# As its author does: built and tried in its own folder, then packed.
cp -r "$root/examples/plugins/distant" "$outside/distant"
cd "$outside/distant"
node ../node_modules/typescript/bin/tsc
node ../node_modules/typescript/bin/tsc -p test
node ../node_modules/vitest/vitest.mjs run >ran || { grep -v '✓' ran; exit 1; }
grep -E 'left out: it lacks sharing|Tests ' ran
npm pack --silent --pack-destination "$packed" >/dev/null
cd "$outside"
# npm would take away what is only linked.
mkdir node_modules/coordinate-plugin-distant
tar -xzf "$packed"/coordinate-plugin-distant-*.tgz --strip-components=1 -C node_modules/coordinate-plugin-distant
cp "$root/test/interop/plugins/try.mjs" .
node --test try.mjs
