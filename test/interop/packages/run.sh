#!/usr/bin/env bash
# The packages as their users get them: packed, installed into an empty folder, and the first example of their page run
# there as it is printed. That of the client is run against a daemon; that of the daemon is a storage backend outside the tree, which
# the contract suite is run on.
. "$(dirname "$0")/../rest/common.sh"
need npm
start_daemon
folder=$work/packages
rm -rf "$folder"
mkdir -p "$folder/packed" "$folder/empty"

(cd "$root" && npm pack --silent --workspace packages/client --pack-destination "$folder/packed" >/dev/null)
cd "$folder/empty"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund "$folder"/packed/*.tgz || skip "the npm registry lacks what the packages need"
[ ! -e node_modules/@nestjs ] || { echo "the client brings the daemon's framework along"; exit 1; }

# block LANGUAGE: the first block of the client's README in it
block() {
  awk -v open="\`\`\`$1" '$0 == open { inside = 1; next } /^```$/ { if (inside) exit } inside' \
    "$root/packages/client/README.md"
}
block js | sed "s|http://127.0.0.1:5980|$url|" >example.mjs
awk '/^prints$/ { after = 1 } after && /^```$/ { if (inside) exit; inside = 1; next } inside' \
  "$root/packages/client/README.md" >expected
node example.mjs >printed
diff expected printed
echo "the first example of the client's README prints what it says"

# The build is that of the stage before, so that it is not made anew; what is made for packages alone comes to it.
(cd "$root" && npm run --silent build:exports && npm pack --silent --ignore-scripts --pack-destination "$folder/packed" >/dev/null)
# Where nothing of this tree is found by accident.
outside=$(mktemp -d)
trap 'kill "$daemon" 2>/dev/null; wait "$daemon" 2>/dev/null || true; rm -rf "$work/daemon.$$" "$outside"' EXIT
cd "$outside"
npm init --yes >/dev/null
npm pkg set type=module
npm install --silent --no-audit --no-fund --omit=optional "$folder"/packed/coordinate-daemon-*.tgz ||
  skip "the npm registry lacks what the daemon's package needs"
# vitest is the user's own: a package that the daemon's does not bring.
[ ! -e node_modules/vitest ] || { echo "the daemon's package brings vitest along"; exit 1; }
ln -s "$root/node_modules/vitest" node_modules/vitest
awk '/^```ts$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' "$root/docs/backends.md" >backend.test.ts
"$root/node_modules/.bin/tsc" --noEmit --strict --skipLibCheck --module nodenext --target es2023 \
  --types node --typeRoots "$root/node_modules/@types" backend.test.ts
node node_modules/vitest/vitest.mjs run --reporter=verbose >ran || { grep -v '✓' ran; exit 1; }
grep -q 'left out: it lacks sharing, it is there for one daemon' ran || { echo "what is left out is not told"; exit 1; }
tail -n 5 ran
echo "the contract suite runs on a backend outside the tree"
