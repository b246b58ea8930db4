#!/usr/bin/env bash
# Builds, tests and runs MQTTZoo on Debian 12, from nothing but a clone. The parts are in scripts/.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD_DIR=$(realpath -m "${MQTTZOO_BUILD_DIR:-$ROOT/build}")
LOG_DIR=$BUILD_DIR/logs
LOCAL_DIR=$BUILD_DIR/local
ALL_TESTS=no
ASSUME_YES=no
BUILD_FIRST=yes
FRESH=no
POD_SECONDS=600
SIMULATION=()
INSTALL=yes
MQTT_PORT=1883
ZOOKEEPER_PORT=2181
[[ ${CI:-} != true ]] || ASSUME_YES=yes

source "$ROOT/scripts/console.sh"
source "$ROOT/scripts/packages.sh"
source "$ROOT/scripts/build.sh"
source "$ROOT/scripts/test.sh"
source "$ROOT/scripts/simulate.sh"
source "$ROOT/scripts/servers.sh"
source "$ROOT/scripts/zookeeper.sh"
source "$ROOT/scripts/local.sh"
source "$ROOT/scripts/minikube.sh"
source "$ROOT/scripts/tunnel.sh"

print_help() {
  cat <<'HELP'
Usage: ./automateBuild.sh [COMMAND] [OPTION...]

Commands:
  minikube  (when no command is given) start a minikube, build the container image in it, start three brokers and three
          ZooKeeper servers there, and show a message crossing the load balancer; wants docker, minikube and kubectl
  local   build, start three brokers and three ZooKeeper servers on this machine, and show a message
          crossing from one broker to another; the cluster goes on running
  down    stop what local started; close the tunnel that minikube opened
  build   build the broker and the clients: build/broker/mqttzoo, build/client/mqtt_pub, build/client/mqtt_sub
  test    build everything and run all tests: under sanitizers, with the fuzzer for 30 s, against real
          ZooKeeper servers and other people's clients
  sim     build the simulator and run whole clusters on a virtual clock, one for each seed
  help    this page

Options:
  --all               test: the long tests too
  --fresh             minikube: delete its minikube of before (the profile mqttzoo, and no other)
  --pod-seconds N     minikube: how long the pods may take until they are ready (600)
  --yes               let apt-get remove packages that are in the way (it says which); CI=true says the same
  --no-install        install nothing; say what is missing
  --no-build          local: take the programs as they are
  --mqtt-port N       local: the first of the brokers' three ports (1883)
  --zookeeper-port N  local: the first of ZooKeeper's three ports (2181)
  --seeds N           sim: so many seeds (100)
  --from N            sim: the first of them (1)
  --seed N            sim: only this one
  --trace             sim: with --seed, print what happens

Missing packages are installed by apt-get (as root, or through sudo). Logs of all steps: build/logs.
MQTTZOO_BUILD_DIR=DIR builds into DIR instead of build/.
HELP
}

usage_error() {
  warn "$*"
  print_help >&2
  exit 2
}

# set_port VARIABLE OPTION VALUE: the base of three ports and of those 10000 and 20000 above.
set_port() {
  if ! [[ $3 =~ ^[1-9][0-9]{0,4}$ ]] || (($3 > 45533)); then
    usage_error "$2 wants a port from 1 to 45533, not '$3'"
  fi
  printf -v "$1" '%s' "$3"
}

# set_seconds VARIABLE OPTION VALUE
set_seconds() {
  [[ $3 =~ ^[1-9][0-9]{0,4}$ ]] || usage_error "$2 wants a number of seconds from 1 to 99999, not '$3'"
  printf -v "$1" '%s' "$3"
}

# add_seed OPTION VALUE: for the simulator.
add_seed() {
  [[ $2 =~ ^[1-9][0-9]{0,17}$ ]] || usage_error "$1 wants a number from 1, not '$2'"
  SIMULATION+=("$1" "$2")
}

parse_options() {
  while (($# > 0)); do
    case $1 in
      --all) ALL_TESTS=yes ;;
      --yes) ASSUME_YES=yes ;;
      --no-install) INSTALL=no ;;
      --no-build) BUILD_FIRST=no ;;
      --fresh) FRESH=yes ;;
      --pod-seconds) set_seconds POD_SECONDS "$1" "${2:-}" && shift ;;
      --mqtt-port) set_port MQTT_PORT "$1" "${2:-}" && shift ;;
      --zookeeper-port) set_port ZOOKEEPER_PORT "$1" "${2:-}" && shift ;;
      --seeds | --from | --seed) add_seed "$1" "${2:-}" && shift ;;
      --trace) SIMULATION+=(--trace) ;;
      -h | --help) print_help && exit 0 ;;
      *) usage_error "unknown option '$1'" ;;
    esac
    shift
  done
}

main() {
  local command=minikube
  if (($# > 0)) && [[ $1 != -?* ]]; then
    command=$1
    shift
  fi
  case $command in
    build | test | sim | local | minikube | down)
      parse_options "$@"
      "command_$command"
      ;;
    help) print_help ;;
    *) usage_error "unknown command '$command'" ;;
  esac
}

main "$@"
