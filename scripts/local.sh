# The commands local and down: a cluster of three brokers and three ZooKeeper servers on this machine. (down closes the
# tunnel to a minikube too.)
# Broker N listens on MQTT_PORT + N - 1; its peers find it 10000 above that, HTTP 20000 above.
# shellcheck shell=bash

SERVERS=(broker-1 broker-2 broker-3 zk1 zk2 zk3)
SUBSCRIBER=""

broker_port() { say $((MQTT_PORT + $1 - 1)); }
http_port() { say $((MQTT_PORT + 20000 + $1 - 1)); }

# broker_command N: sets COMMAND to what runs broker N.
broker_command() {
  local peers=127.0.0.1:$((MQTT_PORT + 10000 + $1 - 1))
  COMMAND=("$BUILD_DIR/broker/mqttzoo" -p "$(broker_port "$1")" --broker-name "broker-$1"
    --zookeeper "$(zookeeper_servers)/mqttzoo"
    --cluster-listener "$peers" --cluster-advertise "$peers" --http-listener "$(http_port "$1")")
}

# server_ports NAME: the ports that the server listens on.
server_ports() {
  local number=${1: -1} base=$MQTT_PORT
  [[ $1 == broker-* ]] || base=$ZOOKEEPER_PORT
  base=$((base + number - 1))
  say "$base $((base + 10000)) $((base + 20000))"
}

# Names every port that a server which is to be started would not get, and who has it.
require_free_ports() {
  local name port taken=0
  for name in "${SERVERS[@]}"; do
    server_pid "$name" >/dev/null && continue
    for port in $(server_ports "$name"); do
      if ! port_is_free "$port"; then
        warn "port $port, wanted by $name, is in use by $(port_owner "$port")"
        taken=1
      fi
    done
  done
  ((taken == 0)) || fail "stop what uses the ports, or choose others with --mqtt-port N and --zookeeper-port N"
}

# The answer of a broker's HTTP listener to GET PATH: status line, headers, body.
http_get() {
  # shellcheck disable=SC2016
  timeout 3 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" &&
    printf "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" "$1" >&3 && cat <&3' "$1" "$2" 2>/dev/null
}

broker_is_ready() {
  local answer
  answer=$(http_get "$(http_port "$1")" /readyz) && [[ $answer =~ ^HTTP/1\.[01]\ 200\  ]]
}

start_broker() {
  broker_command "$1"
  if runs_already "broker-$1" "${COMMAND[@]}" && wait_until 3 broker_is_ready "$1"; then
    return
  fi
  stop_servers "broker-$1"
  start_server "broker-$1" "${COMMAND[@]}"
}

# serves_or_died NAME CHECK N
serves_or_died() { "$2" "$3" || ! server_pid "$1" >/dev/null; }

# await_server NAME CHECK N SECONDS: until it serves; says why it does not.
await_server() {
  local name=$1 check=$2 number=$3 seconds=$4
  wait_until 5 test -s "$LOCAL_DIR/$name/pid" || :
  wait_until "$seconds" serves_or_died "$name" "$check" "$number" || :
  "$check" "$number" && return
  if server_pid "$name" >/dev/null; then
    say "$name runs but does not serve after $seconds s."
    if [[ $check == broker_is_ready ]]; then
      say "GET /readyz of $name answered: $(http_get "$(http_port "$number")" /readyz || say nothing)"
    fi
  else
    say "$name ended."
  fi
  say "The end of $LOCAL_DIR/$name/log:"
  tail -n 15 "$LOCAL_DIR/$name/log"
  return 1
}

start_ensemble() {
  local number
  for number in 1 2 3; do start_zookeeper "$number"; done
  for number in 1 2 3; do await_server "zk$number" zookeeper_serves "$number" 60 || return; done
}

start_brokers() {
  local number
  for number in 1 2 3; do start_broker "$number"; done
  for number in 1 2 3; do await_server "broker-$number" broker_is_ready "$number" 60 || return; done
}

# Publishes at broker 1 what a subscriber at broker 2 waits for, and shows what arrived.
show_message_crossing() {
  local output=$LOCAL_DIR/demo.out log=$LOCAL_DIR/demo.log text
  text="hello from broker-1, it is $(date +%T)"
  rm -f "$output" "$log"
  timeout 30 "$BUILD_DIR/client/mqtt_sub" -d -h 127.0.0.1 -p "$(broker_port 2)" -t demo/greeting -q 1 -C 1 -v \
    >"$output" 2>"$log" &
  SUBSCRIBER=$!
  wait_until 10 grep -qs 'received SUBACK' "$output" "$log" || demo_failed "mqtt_sub could not subscribe at broker-2"
  say "    mqtt_pub -p $(broker_port 1) -t demo/greeting -q 1 -m '$text'"
  "$BUILD_DIR/client/mqtt_pub" -h 127.0.0.1 -p "$(broker_port 1)" -t demo/greeting -q 1 -m "$text" ||
    demo_failed "mqtt_pub could not publish at broker-1"
  wait "$SUBSCRIBER" || demo_failed "the message did not arrive at broker-2"
  grep -qF "demo/greeting $text" "$output" || demo_failed "another message arrived at broker-2: $(cat "$output")"
  say "    mqtt_sub -p $(broker_port 2) -t demo/greeting -v"
  say "      demo/greeting $text"
}

demo_failed() {
  stop_subscriber
  show_tail "$LOCAL_DIR/demo.log" 10
  fail "$1"
}

interrupted() {
  stop_subscriber
  fail "interrupted; run it again to go on, or stop what runs: ./automateBuild.sh down" 2>&8
}

stop_subscriber() { [[ -z $SUBSCRIBER ]] || kill "$SUBSCRIBER" 2>/dev/null || :; }

take_local_lock() {
  mkdir -p "$LOCAL_DIR"
  exec 9>"$LOCAL_DIR/lock"
  flock -w 60 9 || fail "another ./automateBuild.sh local or down is at work in $LOCAL_DIR"
}

say_how_to_use() {
  local build=${BUILD_DIR#"$PWD/"}
  cat <<USAGE

The cluster runs: brokers on 127.0.0.1 ports $(broker_port 1) to $(broker_port 3), ZooKeeper on $(zookeeper_port 1) to $(zookeeper_port 3).
  Subscribe in one terminal:       $build/client/mqtt_sub -p $(broker_port 3) -t 'plants/#' -v
  publish in another:              $build/client/mqtt_pub -p $(broker_port 1) -t plants/fern -m thirsty
  How is a broker? (or /metrics)   curl http://127.0.0.1:$(http_port 1)/readyz
  Kill one; local brings it back:  kill -9 \$(cat $build/local/broker-2/pid)
  Stop it all:                     ./automateBuild.sh down
Logs: $build/local/*/log
USAGE
}

command_local() {
  adopt_lost_servers
  require_free_ports  # before a build of minutes, and once more after it
  [[ $BUILD_FIRST == no ]] || build_programs build local
  take_local_lock
  exec 8>&2
  trap interrupted INT TERM
  require_free_ports
  run_step zookeeper "starting ZooKeeper on ports $(zookeeper_port 1) to $(zookeeper_port 3)" start_ensemble ||
    fail "ZooKeeper did not start"
  run_step brokers "starting brokers on ports $(broker_port 1) to $(broker_port 3)" start_brokers ||
    fail "the brokers did not start"
  say "==> a message from one broker to another"
  show_message_crossing
  say_how_to_use
}

command_down() {
  local name running=()
  if [[ -d $LOCAL_DIR ]] || grep -lqszF -- "$MARK=$LOCAL_DIR/" /proc/[0-9]*/environ; then
    take_local_lock
    adopt_lost_servers
    for name in "${SERVERS[@]}" tunnel; do
      if server_pid "$name" >/dev/null; then running+=("$name"); fi
    done
  fi
  if ((${#running[@]} == 0)); then
    say "No local cluster runs."
    return
  fi
  # Brokers first: they tell their clients and peers, and take leave of ZooKeeper.
  run_step down "stopping ${running[*]}" stop_cluster || fail "not all servers stopped"
}

stop_cluster() {
  stop_servers tunnel
  stop_servers broker-1 broker-2 broker-3
  stop_servers zk1 zk2 zk3
}
