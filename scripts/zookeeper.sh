# The three ZooKeeper servers of `local`: a real ensemble, all on loopback.
# shellcheck shell=bash

zookeeper_port() { say $((ZOOKEEPER_PORT + $1 - 1)); }

# The addresses of the ensemble, as brokers and clients want them: host:port,host:port,host:port.
zookeeper_servers() {
  say "127.0.0.1:$(zookeeper_port 1),127.0.0.1:$(zookeeper_port 2),127.0.0.1:$(zookeeper_port 3)"
}

# zookeeper_configuration N: tickTime as production has it is 2000; the shorter one lets brokers notice a death sooner.
zookeeper_configuration() {
  local server
  cat <<CONFIGURATION
tickTime=500
initLimit=40
syncLimit=10
dataDir=$LOCAL_DIR/zk$1/data
clientPortAddress=127.0.0.1
clientPort=$(zookeeper_port "$1")
maxClientCnxns=0
admin.enableServer=false
extendedTypesEnabled=true
4lw.commands.whitelist=*
autopurge.snapRetainCount=3
autopurge.purgeInterval=1
CONFIGURATION
  for server in 1 2 3; do
    say "server.$server=127.0.0.1:$((ZOOKEEPER_PORT + 10000 + server - 1)):$((ZOOKEEPER_PORT + 20000 + server - 1))"
  done
}

# zookeeper_command: sets COMMAND to what runs server N.
zookeeper_command() {
  COMMAND=(java -Xmx256m -XX:+UseSerialGC
    -Dzookeeper.jmx.log4j.disable=true -Dorg.slf4j.simpleLogger.showDateTime=true
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS"
    -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar
    org.apache.zookeeper.server.quorum.QuorumPeerMain "$LOCAL_DIR/zk$1/zoo.cfg")
}

# zookeeper_serves N: the server is part of a quorum (leader or follower).
zookeeper_serves() {
  local port answer
  port=$(zookeeper_port "$1")
  # shellcheck disable=SC2016
  answer=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf srvr >&3 && cat <&3' "$port" 2>/dev/null) || return 1
  grep -qE '^Mode: (leader|follower)' <<<"$answer"
}

start_zookeeper() {
  local directory=$LOCAL_DIR/zk$1 configuration
  configuration=$(zookeeper_configuration "$1")
  zookeeper_command "$1"
  if [[ $configuration == "$(cat "$directory/zoo.cfg" 2>/dev/null)" ]] && runs_already "zk$1" "${COMMAND[@]}" &&
    wait_until 3 zookeeper_serves "$1"; then
    return
  fi
  stop_servers "zk$1"
  mkdir -p "$directory/data"
  say "$configuration" >"$directory/zoo.cfg"
  say "$1" >"$directory/data/myid"
  start_server "zk$1" "${COMMAND[@]}"
}
