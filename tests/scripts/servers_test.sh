#!/usr/bin/env bash
# Servers as plain processes: found again, never confused with others, always stopped.
# shellcheck source=tests/scripts/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
source_parts console servers
STOP_SECONDS=1

start() {
  start_server "$@"
  wait_until 10 server_pid "$1" >/dev/null || failed "$1 runs"
}

test_start_and_stop() {
  start one sleep 600
  local pid
  pid=$(server_pid one)
  expect_equal "$(cat "/proc/$pid/comm")" sleep
  stop_servers one
  server_pid one && failed "one to be gone"
  [[ ! -e /proc/$pid ]] || expect_equal "$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$pid/status")" Z
}

test_the_pid_of_another_process_is_not_ours() {
  mkdir -p "$LOCAL_DIR/one"
  sleep 600 &
  local other=$!
  echo "$other" >"$LOCAL_DIR/one/pid"
  server_pid one && failed "another's process not taken for ours"
  stop_servers one
  kill -0 "$other" || failed "the other process to live on"
  kill "$other"
}

test_a_server_of_another_name_is_not_meant() {
  start one sleep 600
  mkdir -p "$LOCAL_DIR/two"
  cp "$LOCAL_DIR/one/pid" "$LOCAL_DIR/two/pid"
  server_pid two && failed "one not taken for two"
  stop_servers one
}

test_lost_pid_file_is_written_again() {
  start one sleep 600
  local pid
  pid=$(server_pid one)
  rm -rf "${LOCAL_DIR:?}/one"
  adopt_lost_servers
  expect_equal "$(server_pid one)" "$pid"
  stop_servers one
  server_pid one && failed "one to be gone"
  return 0
}

test_what_ignores_sigterm_is_killed_with_a_message() {
  start deaf env -i "$MARK=$LOCAL_DIR/deaf" bash -c 'trap "" TERM; echo ready; exec sleep 600'
  wait_until 10 grep -qs ready "$LOCAL_DIR/deaf/log" || failed "deaf to be ready"
  capture stop_servers deaf
  expect_contains "$OUTPUT" "did not stop in 1 s: killed"
  server_pid deaf && failed "deaf to be gone"
  return 0
}

test_a_paused_server_stops() {
  start one sleep 600
  kill -STOP "$(server_pid one)"
  capture stop_servers one
  expect_equal "$OUTPUT" ""
  server_pid one && failed "one to be gone"
  return 0
}

test_another_command_or_a_newer_program_is_noticed() {
  cp "$(command -v sleep)" "$SCRATCH/program"
  touch -d '1 minute ago' "$SCRATCH/program"
  start one "$SCRATCH/program" 600
  runs_already one "$SCRATCH/program" 600 || failed "one to run already"
  runs_already one "$SCRATCH/program" 601 && failed "another command to be noticed"
  touch -d '1 minute' "$SCRATCH/program"
  runs_already one "$SCRATCH/program" 600 && failed "a newer program to be noticed"
  stop_servers one
}

test_the_owner_of_a_port_is_named() {
  /usr/bin/python3 -c '
import signal, socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
signal.pause()' >"$SCRATCH/port" &
  local owner=$! port
  wait_until 10 test -s "$SCRATCH/port" || failed "a port"
  port=$(cat "$SCRATCH/port")
  port_is_free "$port" && failed "port $port to be in use"
  expect_equal "$(port_owner "$port")" "python3 (pid $owner)"
  kill "$owner"
  wait "$owner" 2>/dev/null
  port_is_free "$port" || failed "port $port to be free again"
}

run_tests
