# The way into the minikube: the address that `minikube tunnel` gives the service mqttzoo, and a message through it.
# shellcheck shell=bash

balancer_address() { run_kubectl get service mqttzoo -o 'jsonpath={.status.loadBalancer.ingress[0].ip}'; }

# mqtt_answers ADDRESS PORT: a CONNECT (3.1.1, Clean Session) gets a CONNACK with return code 0.
mqtt_answers() {
  local answer
  # shellcheck disable=SC2016
  answer=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1" &&
    printf "\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0" >&3 && head -c 4 <&3 | od -An -tx1' "$1" "$2" 2>/dev/null) || return 1
  [[ $answer == " 20 02 00 00" ]]
}

tunnel_leads_in() {
  ADDRESS=$(balancer_address 2>/dev/null) && [[ -n $ADDRESS ]] && mqtt_answers "$ADDRESS" 1883
}

# The tunnel runs on after this script. It sets a route, for which it wants root's rights: ask for the password here,
# where somebody sees the question.
open_tunnel() {
  wait_until 3 tunnel_leads_in && return
  if ((EUID != 0)) && ! sudo -n true 2>/dev/null; then
    say "==> minikube's tunnel sets a route to the cluster, as root"
    sudo -v || fail "without root's rights there is no tunnel; this goes without: $(forward_command)"
  fi
  stop_tunnel
  # No session of its own: sudo, which minikube calls, knows the password by the terminal.
  DETACH="nohup" start_server tunnel minikube -p "$PROFILE" tunnel
  run_step tunnel "opening the tunnel to the load balancer" await_tunnel && tunnel_leads_in && return
  show_tail "$LOCAL_DIR/tunnel/log"
  fail "the tunnel does not lead in; this goes without it: $(forward_command)"
}

await_tunnel() {
  wait_until 5 server_pid tunnel || return
  wait_until 60 serves_or_died tunnel tunnel_leads_in ""
}

forward_command() { say "kubectl --context $PROFILE -n $NAMESPACE port-forward service/mqttzoo 1883"; }

stop_tunnel() { stop_servers tunnel; }

# in_pod POD COMMAND...
in_pod() {
  local pod=$1
  shift
  run_kubectl exec "$pod" -c broker -- "$@"
}

# Both clients come through the service, to whichever broker it chooses.
show_message_through_balancer() {
  local output=$MINIKUBE_DIR/demo.out log=$MINIKUBE_DIR/demo.log text subscriber
  text="hello through the load balancer, it is $(date +%T)"
  rm -f "$output" "$log"
  in_pod mqttzoo-0 timeout 30 mqtt_sub -d -h mqttzoo -t demo/greeting -q 1 -C 1 -v >"$output" 2>"$log" &
  subscriber=$!
  wait_until 20 grep -qs 'received SUBACK' "$output" "$log" || message_failed "mqtt_sub could not subscribe"
  in_pod mqttzoo-1 mqtt_pub -h mqttzoo -t demo/greeting -q 1 -m "$text" >>"$log" 2>&1 ||
    message_failed "mqtt_pub could not publish"
  wait "$subscriber" || message_failed "the message did not arrive"
  grep -qF "demo/greeting $text" "$output" || message_failed "another message arrived: $(cat "$output")"
  say "==> a message through the load balancer"
  say "      demo/greeting $text"
}

message_failed() {
  show_tail "$MINIKUBE_DIR/demo.log" 10
  fail "$1 through the service mqttzoo"
}

say_how_to_use_minikube() {
  local kubectl="kubectl --context $PROFILE -n $NAMESPACE"
  cat <<USAGE

The cluster runs in the minikube '$PROFILE'; its load balancer is at $ADDRESS, port 1883.
  Subscribe in one terminal:     mosquitto_sub -h $ADDRESS -t 'plants/#' -v
  publish in another:            mosquitto_pub -h $ADDRESS -t plants/fern -m thirsty
  See how it is:                 $kubectl get pods
  Read a broker's log:           $kubectl logs -f mqttzoo-0
  Five brokers, or two:          $kubectl scale statefulset mqttzoo --replicas 5
  Close the tunnel:              ./automateBuild.sh down
  Remove all of it:              minikube -p $PROFILE delete
USAGE
}
