#!/usr/bin/env bash
# Two daemons of different versions on one database: that of the last commit before there was `flow` beside the present one. It is built from
# the history of this repository. Status 77, its reason in the last line: skipped.
set -euo pipefail
cd "$(dirname "$0")/../../.."
commit=2befa0f5
folder=build/older-daemon-$commit
git cat-file -e "$commit^{commit}" 2>/dev/null || {
  echo "the history of this copy does not go back to $commit"
  exit 77
}
if [ ! -e "$folder/dist/main.js" ]; then
  rm -rf "$folder" "$folder.part"
  mkdir -p "$folder.part"
  git archive "$commit" src package.json tsconfig.json tsconfig.build.json | tar -x -C "$folder.part"
  # It was without faults of types with the packages of its day; it runs with those of today.
  npx tsc -p "$folder.part/tsconfig.build.json" --noCheck
  mv "$folder.part" "$folder"
fi
exec env OLDER_DAEMON="$PWD/$folder/dist/main.js" npx vitest run --config test/interop/vitest.config.ts test/interop/older-daemon
