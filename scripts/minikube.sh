# The command minikube: the cluster of k8s/ on a minikube of its own, from the image of Dockerfile. Each step looks first
# what is there already, so that a second run goes on where one was interrupted.
# shellcheck shell=bash

PROFILE=mqttzoo
NAMESPACE=mqttzoo
MINIKUBE_DIR=$BUILD_DIR/minikube

run_minikube() { minikube -p "$PROFILE" "$@"; }
run_kubectl() { kubectl --context "$PROFILE" -n "$NAMESPACE" "$@"; }

# Says all that is missing at once, and how to get it.
require_minikube_tools() {
  local missing=0 tool
  local -A ways=(
    [docker]="apt-get install docker.io, then: usermod -aG docker \$USER, and log in again"
    [minikube]="https://minikube.sigs.k8s.io/docs/start"
    [kubectl]="https://kubernetes.io/docs/tasks/tools"
  )
  for tool in docker minikube kubectl; do
    if ! command -v "$tool" >/dev/null; then
      warn "$tool is missing: ${ways[$tool]}"
      missing=1
    fi
  done
  if ((missing == 0)) && ! docker info >/dev/null 2>"$LOG_DIR/docker-info.log"; then
    warn "docker does not answer: $(head -n 1 "$LOG_DIR/docker-info.log")"
    warn "is its service running, and may $(id -un) use it? See ${ways[docker]}"
    missing=1
  fi
  ((missing == 0)) || fail "no Kubernetes is needed for a cluster on this machine: ./automateBuild.sh local"
}

start_minikube() {
  local -a options=(--driver docker)
  ((EUID != 0)) || options+=(--force)  # minikube's way to let root use docker
  if [[ $FRESH == yes ]]; then
    stop_tunnel
    run_step minikube-delete "deleting the minikube '$PROFILE'" run_minikube delete ||
      fail "minikube could not delete its profile '$PROFILE'"
  fi
  run_step minikube-start "starting the minikube '$PROFILE' (minutes, the first time)" run_minikube start "${options[@]}" ||
    fail "minikube did not start; --fresh begins anew"
}

# image_name: mqttzoo:HASH, of the files that the image is built of.
image_name() {
  local -a parts
  local hash
  mapfile -t parts < <(sed -n 's/^!//p' "$ROOT/.dockerignore")
  hash=$(cd "$ROOT" && find Dockerfile .dockerignore "${parts[@]}" -type f -print0 | LC_ALL=C sort -z |
    xargs -0 sha256sum | sha256sum)
  say "mqttzoo:${hash:0:12}"
}

minikube_has_image() { run_minikube image ls 2>/dev/null | grep -qE "(^|/)$1\$"; }

build_image() {
  if minikube_has_image "$IMAGE"; then
    say "==> the image $IMAGE is there already"
    return
  fi
  run_step image "building the image $IMAGE (many minutes, the first time)" run_minikube image build -t "$IMAGE" "$ROOT" ||
    fail "the image could not be built"
  # Some versions of minikube hide that the build has failed.
  if ! minikube_has_image "$IMAGE"; then
    show_tail "$LOG_DIR/image.log"
    fail "the image could not be built"
  fi
}

# The manifests of k8s/ with this image in place of the one they name.
render_manifests() { kubectl kustomize "$ROOT/k8s" | sed "s|^\( *image: \)mqttzoo:latest\$|\1$IMAGE|"; }

apply_manifests() { render_manifests | run_kubectl apply -f -; }

# await_pods NAME SECONDS: until the StatefulSet is rolled out; `[2/3]` is for the line of progress.
await_pods() {
  local deadline=$((SECONDS + $2)) ready
  until run_kubectl rollout status "statefulset/$1" --timeout 2s; do
    ((SECONDS < deadline)) || return 1
    ready=$(run_kubectl get statefulset "$1" -o 'jsonpath={.status.readyReplicas}/{.spec.replicas}')
    say "[${ready/#\//0/}] pods are ready"
    sleep 1
  done
}

# explain_pods NAME: why the pods of a StatefulSet are not ready, as far as Kubernetes and their logs tell.
explain_pods() {
  local pod
  run_kubectl get pods -l "app=$1" -o wide
  say "Warnings of Kubernetes:"
  run_kubectl get events --field-selector type=Warning --sort-by .lastTimestamp \
    -o custom-columns=OBJECT:.involvedObject.name,REASON:.reason,MESSAGE:.message | tail -n 10
  for pod in $(run_kubectl get pods -l "app=$1" -o name); do
    say "The end of the log of $pod:"
    run_kubectl logs "$pod" --tail 8 2>&1
  done
}

wait_for_pods() {
  run_step "pods-$1" "waiting for the pods of $1" await_pods "$1" "$POD_SECONDS" && return
  explain_pods "$1" 2>&1 | sed 's/^/    | /' >&2
  fail "the pods of $1 are not ready after $POD_SECONDS s; what is above says why. Run it again to go on waiting"
}

minikube_interrupted() {
  fail "interrupted; run it again to go on, or remove all of it: minikube -p $PROFILE delete" 2>&8
}

command_minikube() {
  mkdir -p "$LOG_DIR" "$MINIKUBE_DIR"
  exec 8>&2
  trap minikube_interrupted INT TERM
  require_minikube_tools
  IMAGE=$(image_name)
  start_minikube
  build_image
  run_step apply "applying k8s/" apply_manifests || fail "Kubernetes did not take the manifests"
  wait_for_pods zookeeper
  wait_for_pods mqttzoo
  open_tunnel
  show_message_through_balancer
  say_how_to_use_minikube
}
