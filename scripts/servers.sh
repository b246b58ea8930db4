# Servers of `local`: plain processes of this machine, each with a directory under build/local that holds its data, its
# log, its pid and the command it runs. A process is known as ours by a variable in its environment, so a pid that
# Linux has given to somebody else meanwhile, or a lost pid file, does no harm.
# shellcheck shell=bash

MARK=AUTOMATE_BUILD_SERVER

# is_server PID NAME
is_server() { grep -qszxF -- "$MARK=$LOCAL_DIR/$2" "/proc/$1/environ"; }

# server_pid NAME: prints the pid of the server; false when it does not run.
server_pid() {
  local pid
  pid=$(cat "$LOCAL_DIR/$1/pid" 2>/dev/null) && [[ -n $pid ]] && is_server "$pid" "$1" && say "$pid"
}

# start_server NAME COMMAND...: leaves it running on its own, out of reach of ^C (DETACH=nohup: of a hangup alone). The process writes its pid file itself,
# before it becomes the server: there is no moment at which it runs unknown.
start_server() {
  local directory=$LOCAL_DIR/$1
  shift
  mkdir -p "$directory"
  rm -f "$directory/pid"
  printf '%s\n' "$@" >"$directory/command"
  # shellcheck disable=SC2016
  (cd "$directory" && exec env "$MARK=$directory" "${DETACH:-setsid}" bash -c 'echo $$ >pid; exec "$@"' server "$@") \
    >"$directory/log" 2>&1 </dev/null 8>&- 9>&- &
  disown
}

# runs_already NAME COMMAND...: it runs, with this command, and the program is not newer than the process.
runs_already() {
  local name=$1 pid
  shift
  pid=$(server_pid "$name") || return 1
  cmp -s "$LOCAL_DIR/$name/command" <(printf '%s\n' "$@") || return 1
  [[ ! $1 -nt $LOCAL_DIR/$name/pid ]]
}

# stop_servers NAME...: all at once; SIGKILL for what has not gone in time.
STOP_SECONDS=15
stop_servers() {
  local name pid
  local -A pids=()
  for name in "$@"; do
    if pid=$(server_pid "$name"); then
      pids[$name]=$pid
      kill -TERM "$pid" 2>/dev/null || :
      kill -CONT "$pid" 2>/dev/null || :  # it may have been paused to see what happens
    fi
  done
  for name in "${!pids[@]}"; do
    if ! wait_until "$STOP_SECONDS" server_is_gone "${pids[$name]}" "$name"; then
      warn "$name (pid ${pids[$name]}) did not stop in $STOP_SECONDS s: killed"
      kill -KILL "${pids[$name]}" 2>/dev/null || :
      wait_until 5 server_is_gone "${pids[$name]}" "$name" || warn "$name (pid ${pids[$name]}) cannot be killed"
    fi
    rm -f "$LOCAL_DIR/$name/pid"
  done
}

server_is_gone() { ! is_server "$1" "$2"; }

# Servers of this directory whose pid file is lost (say, build/ was deleted under them): writes it again.
adopt_lost_servers() {
  local environ pid name
  while IFS= read -r environ; do
    pid=${environ#/proc/}
    pid=${pid%/environ}
    name=$(tr '\0' '\n' 2>/dev/null <"$environ" | sed -n "s|^$MARK=$LOCAL_DIR/||p") || continue
    if [[ -n $name && $pid != "$$" ]] && ! server_pid "$name" >/dev/null; then
      mkdir -p "$LOCAL_DIR/$name"
      say "$pid" >"$LOCAL_DIR/$name/pid"
    fi
  done < <(grep -lszF -- "$MARK=$LOCAL_DIR/" /proc/[0-9]*/environ)
}

# port_listeners PORT: the inodes of the sockets that listen where a server on 127.0.0.1 cannot listen as well.
port_listeners() {
  local hex
  printf -v hex '%04X' "$1"
  awk -v port="$hex" '
    BEGIN {
      taken["00000000"] = taken["0100007F"] = 1
      taken["00000000000000000000000000000000"] = taken["0000000000000000FFFF00000100007F"] = 1
    }
    $4 == "0A" { split($2, local, ":"); if (local[2] == port && local[1] in taken) print $10 }
  ' /proc/net/tcp /proc/net/tcp6 2>/dev/null || :
}

# port_owner PORT: "name (pid N)" of the process that listens there, or "another process" when Linux does not tell us.
port_owner() {
  local inode link pid
  read -r inode < <(port_listeners "$1") || :
  read -r link < <(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null) || :
  pid=${link#/proc/}
  pid=${pid%%/*}
  if [[ -n $pid ]]; then
    say "$(cat "/proc/$pid/comm") (pid $pid)"
  else
    say "another process"
  fi
}

port_is_free() { [[ -z $(port_listeners "$1") ]]; }
