#!/usr/bin/env bash
# chromium_with NAME PACKAGE@VERSION...: Debian's chromium, and playwright-core that drives it, with more packages of npm where a stage needs
# them, in a folder of the stage's own. CHROMIUM and INTEROP_PACKAGES say where they are. For after rest/common.sh.
. "$root/test/interop/debian.sh"

chromium_with() {
  install_package chromium chromium
  CHROMIUM=$(command -v chromium) || skip "there is no chromium (Debian: apt-get install chromium)"
  local folder=$work/$1
  shift
  mkdir -p "$folder"
  [ -f "$folder/package.json" ] || echo '{"private": true}' >"$folder/package.json"
  npm install --prefix "$folder" --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 "$@" ||
    skip "the npm registry has no playwright-core $*"
  export CHROMIUM INTEROP_PACKAGES=$folder/node_modules
}
