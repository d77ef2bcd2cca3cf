#!/usr/bin/env bash
# The command in a real terminal: watch and top fill it, follow its size and leave it as it was; bash completes words and names.
. "$(dirname "$0")/../rest/common.sh"
need tmux
[ -f "$root/packages/cli/dist/main.js" ] || skip "the command is not built (npm run build)"
start_daemon
folder=$(mktemp -d)
trap 'tmux -S "$folder/tmux" kill-server 2>/dev/null || true; kill "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true; rm -rf "$work/daemon.$$" "$folder"' EXIT
mkdir "$folder/bin"
ln -s "$root/packages/cli/bin/coordinate.js" "$folder/bin/coordinate"
export PATH=$folder/bin:$PATH COORDINATE_URL=$url COORDINATE_NAMESPACE=terminal XDG_CONFIG_HOME=$folder LANG=C.UTF-8
coordinate spec set "$(printf 'hostile\033[2Jname')" >/dev/null
coordinate spec set other >/dev/null
coordinate unit add other u >/dev/null

on_terminal() { tmux -S "$folder/tmux" -f /dev/null "$@"; }

# shows TEXT: waits until it is on the terminal
shows() {
  for _ in $(seq 300); do
    on_terminal capture-pane -p | grep -qF -- "$1" && return
    sleep 0.2
  done
  echo "the terminal does not show $1, but:"
  on_terminal capture-pane -p
  exit 1
}

on_terminal new-session -d -x 60 -y 12 'bash --norc -i'
on_terminal send-keys "PS1='ready> '" Enter
shows 'ready> '
on_terminal send-keys 'echo before; coordinate watch --interval 200ms' Enter
shows 'hostile\x1b[2Jname'
shows '…' # it is wider than the terminal
on_terminal resize-window -x 140 -y 12
shows 'DONE AT'
on_terminal send-keys q
shows 'before' # what was there is there again
on_terminal send-keys 'coordinate top --interval 200ms' Enter
shows 'active workers'
on_terminal send-keys q
echo "watch and top fill the terminal and leave it as it was"

on_terminal send-keys 'clear; source <(coordinate completion bash)' Enter
on_terminal send-keys 'coordinate spec coun' Tab
shows 'coordinate spec counts'
on_terminal send-keys 'oth' Tab
shows 'coordinate spec counts other'
echo "bash completes commands, and names that the daemon knows"
