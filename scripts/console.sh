# What the user sees: one line for each long step, the end of its log when it fails, one clear line for an error.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }

warn() { printf 'automateBuild.sh: %s\n' "$*" >&2; }

fail() {
  warn "$*"
  exit 1
}

# Rewrites the line of a running step every second, on a terminal: how long it has taken and what Ninja counts. It ends
# with the script, however that ends.
show_progress() {
  local label=$1 log=$2 started=$SECONDS count
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    count=$(tail -n 1 "$log" 2>/dev/null | grep -o '^\[[0-9]*/[0-9]*\]') || count=""
    printf '\r==> %s ... %d s %s\e[K' "$label" $((SECONDS - started)) "$count"
  done
}

# run_step NAME LABEL COMMAND...: runs a long step with its output in build/logs/NAME.log; false when it fails.
run_step() {
  local log=$LOG_DIR/$1.log label=$2 started=$SECONDS ticker="" status=0
  shift 2
  mkdir -p "$LOG_DIR"
  : >"$log"
  printf '==> %s ...' "$label"
  if [[ -t 1 ]]; then
    show_progress "$label" "$log" &
    ticker=$!
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [[ -n $ticker ]]; then
    kill "$ticker" 2>/dev/null || :
    wait "$ticker" 2>/dev/null || :
    printf '\r==> %s ...\e[K' "$label"
  fi
  if ((status == 0)); then
    printf ' %d s\n' $((SECONDS - started))
    return 0
  fi
  printf ' failed after %d s\n' $((SECONDS - started))
  show_tail "$log"
  return "$status"
}

# show_tail FILE [LINES]: the end of a log, indented, and where the rest is.
show_tail() {
  say "    the last lines of $1:" >&2
  tail -n "${2:-40}" "$1" | sed 's/^/    | /' >&2
}

# wait_until SECONDS COMMAND...: polls until the command succeeds; false when the time is over.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}
