#!/usr/bin/env bash
# Pictures of the dashboard with an example in it: screenshots.sh [FOLDER], build/screenshots where none is given. Those that the pages of
# docs/ show are put there too. The daemon, its page and the client have been built (npm run build).
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
folder=${1:-$root/build/screenshots}
work=$root/build/screenshots-tools
CHROMIUM=${CHROMIUM:-$(command -v chromium)} || {
  echo "there is no chromium (Debian: apt-get install chromium)"
  exit 77
}
export CHROMIUM
mkdir -p "$work" "$folder"
cp "$root/test/interop/dashboard/screenshots.mjs" "$work/"
cd "$work"
[ -f package.json ] || echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1
started=()
trap '[ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true' EXIT
node "$root/test/interop/dashboard/seed.mjs" --hour >"$work/seed.log" 2>&1 &
started+=($!)
for _ in $(seq 1200); do
  grep -q seeded "$work/seed.log" && break
  sleep 0.1
done
url=$(sed -n 's|^HTTP on ||p' "$work/seed.log")
node screenshots.mjs "$url" "$folder"
mkdir -p "$root/docs/images"
for name in overview spec units workers schedule; do
  cp "$folder/$name-1280-light.png" "$root/docs/images/$name.png"
done
cp "$folder/overview-1280-dark.png" "$root/docs/images/overview-dark.png"
echo "pictures are in $folder, and those of the pages in docs/images"
