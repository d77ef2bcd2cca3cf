# Packages as their users get them; sourced behind rest/common.sh. The build is that of the stage before, so that it is not made anew; what
# is made for packages alone comes to it.

# pack_into FOLDER PACKAGE...: packs packages of this tree, by their folders
pack_into() {
  packed=$1
  shift
  mkdir -p "$packed"
  [ -f "$root/dist/main.js" ] && [ -f "$root/packages/client/dist/index.js" ] && [ -f "$root/packages/cli/dist/main.js" ] || skip "nothing is built (npm run build)"
  # Once for all stages that pack: a build of the daemon begins with an empty folder.
  [ "$root/dist/contract/index.js" -nt "$root/dist/main.js" ] || (cd "$root" && npm run --silent build:exports)
  for package in "$@"; do
    (cd "$root/$package" && npm pack --silent --ignore-scripts --pack-destination "$packed" >/dev/null)
  done
}

# installed_in FOLDER PACKAGE...: a folder with those packages and what they bring
installed_in() {
  mkdir -p "$1"
  cd "$1"
  npm init --yes >/dev/null
  npm pkg set type=module
  shift
  local archives=()
  for package in "$@"; do archives+=("$packed"/"$package"-[0-9]*.tgz); done
  npm install --silent --no-audit --no-fund --omit=optional "${archives[@]}" ||
    skip "the npm registry lacks what $* needs"
}
