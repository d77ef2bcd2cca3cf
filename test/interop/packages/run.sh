#!/usr/bin/env bash
# The packages as their users get them: packed, installed into an empty folder, and the first example of their README run
# there as it is printed, against a daemon.
. "$(dirname "$0")/../rest/common.sh"
need npm
rpc_address=127.0.0.1:0 start_daemon
rpc=$(sed -n 's|.*CBOR-RPC on ||p' "$work/daemon.$$")
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
block js | sed "s|127.0.0.1:5932|$rpc|" >example.mjs
awk '/^prints$/ { after = 1 } after && /^```$/ { if (inside) exit; inside = 1; next } inside' \
  "$root/packages/client/README.md" >expected
node example.mjs >printed
diff expected printed
echo "the first example of the client's README prints what it says"
