#!/usr/bin/env bash
# Plays minikube for minikube_test.sh: files in STAND_IN_DIR say what goes wrong.
echo "minikube $*" >>"$STAND_IN_DIR/calls"

# Answers CONNECT as a broker behind the load balancer would.
run_tunnel() {
  if [[ -e $STAND_IN_DIR/no-tunnel ]]; then
    echo "sudo: a password is required"
    exit 1
  fi
  exec /usr/bin/python3 -c '
import socket, sys
listener = socket.create_server(("127.91.7.1", 1883))
open(sys.argv[1], "w").close()
while True:
    connection, _ = listener.accept()
    with connection:
        if connection.recv(64) == b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00":
            connection.sendall(b"\x20\x02\x00\x00")
' "$STAND_IN_DIR/tunnel-is-open"
}

case ${*:3} in
  start*)
    [[ -e $STAND_IN_DIR/no-start ]] || exit 0
    echo "X Exiting due to RSRC_DOCKER_STORAGE: Docker is out of disk space!"
    exit 1
    ;;
  "image ls")
    echo "registry.k8s.io/pause:3.10"
    cat "$STAND_IN_DIR/images" 2>/dev/null
    ;;
  "image build -t "*)
    if [[ -e $STAND_IN_DIR/no-image ]]; then
      echo "node.cpp:7: error: expected ';'"
    else
      echo "docker.io/library/$6" >>"$STAND_IN_DIR/images"
    fi
    ;;
  tunnel) run_tunnel ;;
esac
exit 0
