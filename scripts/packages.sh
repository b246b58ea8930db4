# Installing what is missing: Debian's packages by apt-get, npm's by npm. A run that misses nothing calls neither.
# shellcheck shell=bash

# list_packages LIST...: the names in scripts/packages/LIST.txt.
list_packages() {
  local list
  for list in "$@"; do
    sed '/^#/d; /^$/d' "$ROOT/scripts/packages/$list.txt"
  done
}

# Prints those of its arguments that are not installed.
missing_packages() {
  local installed package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
  for package in "$@"; do
    grep -qxF -- "$package" <<<"$installed" || say "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

# require_packages LIST...: installs what the lists name and this machine lacks.
require_packages() {
  local -a wanted missing
  mapfile -t wanted < <(list_packages "$@")
  if [[ " $* " == *" test "* ]]; then
    # Only where there is none: one from elsewhere conflicts with Debian's package.
    command -v npm >/dev/null || wanted+=(nodejs npm)
    command -v kubectl >/dev/null || wanted+=(kubernetes-client)
    command -v dockerd >/dev/null || wanted+=(docker.io)
  fi
  if ! command -v dpkg-query >/dev/null; then
    warn "this is no Debian: have the equivalents of these installed: ${wanted[*]}"
    return
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  ((${#missing[@]} > 0)) || return 0
  [[ $INSTALL == yes ]] || fail "these packages are missing: ${missing[*]}"
  install_packages "${missing[@]}"
}

install_packages() {
  local simulation removed
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "not root, and no sudo; as root: apt-get install --no-install-recommends $*"
    sudo -v || fail "sudo refused; as root: apt-get install --no-install-recommends $*"
  fi
  # A source that does not answer is no reason to stop: the simulation says whether the packages are to be had.
  run_step apt-update "reading the package lists" apt_get update || warn "going on with the package lists of before"
  simulation=$LOG_DIR/apt-simulation.log
  if ! apt_get -s install --no-install-recommends "$@" >"$simulation" 2>&1; then
    show_tail "$simulation"
    fail "apt-get cannot install: $* (this script is made for Debian 12)"
  fi
  removed=$(sed -n 's/^Remv \([^ ]*\).*/\1/p' "$simulation")
  if [[ -n $removed ]]; then
    say "To install $* apt-get has to remove these packages:"
    say "    ${removed//$'\n'/$'\n'    }"
    [[ $ASSUME_YES == yes ]] || fail "nothing was changed; run it again with --yes to let apt-get remove them"
  fi
  keep_services_stopped
  run_step apt-install "installing $(grep -c '^Inst ' "$simulation") packages" \
    apt_get install -y --no-install-recommends "$@" || fail "apt-get could not install the packages"
  release_services "$@"
}

# Debian starts a service when it installs its package. We want the programs of mosquitto and Docker, not services that
# nobody asked for: while we install, policy-rc.d refuses to start them (what is installed already is not touched).
POLICY=/usr/sbin/policy-rc.d
POLICY_MARK="written by automateBuild.sh of MQTTZoo"

keep_services_stopped() {
  if [[ -e $POLICY ]] && ! grep -qF "$POLICY_MARK" "$POLICY"; then
    return  # a container image's own, which starts nothing as a rule
  fi
  trap remove_policy EXIT
  as_root tee "$POLICY" >/dev/null <<POLICY
#!/bin/sh
# $POLICY_MARK, which removes it when apt-get is done.
for service in mosquitto docker containerd; do
  case " \$* " in *" \$service "* | *" \$service."*) exit 101 ;; esac
done
exit 0
POLICY
  as_root chmod 755 "$POLICY"
}

remove_policy() {
  if grep -qsF "$POLICY_MARK" "$POLICY"; then
    as_root rm -f "$POLICY"
  fi
}

# After an installation: a service that we installed is not to start with the machine either.
release_services() {
  local service
  remove_policy
  trap - EXIT
  for service in mosquitto docker; do
    if [[ " $* " == *" $service "* || " $* " == *" $service.io "* ]]; then
      as_root update-rc.d "$service" disable >>"$LOG_DIR/apt-install.log" 2>&1
      say "    ($service is here for the tests only; its service is left disabled)"
    fi
  done
}

# require_npm_packages: MQTT.js for the tests, in build/npm/node_modules, just as tests/integration/package-lock.json
# has it. Node's own list of authorities may lack the machine's: it is told of Debian's.
require_npm_packages() {
  local source=$ROOT/tests/integration target=$BUILD_DIR/npm authorities=/etc/ssl/certs/ca-certificates.crt
  export NODE_PATH=$target/node_modules
  if cmp -s "$source/package-lock.json" "$target/installed-lock.json"; then
    return
  fi
  [[ $INSTALL == yes ]] || fail "MQTT.js is missing in $target"
  if [[ -z ${NODE_EXTRA_CA_CERTS:-} && -e $authorities ]]; then
    export NODE_EXTRA_CA_CERTS=$authorities
  fi
  mkdir -p "$target"
  cp "$source/package.json" "$source/package-lock.json" "$target/"
  run_step npm "installing MQTT.js" npm ci --prefix "$target" --ignore-scripts --no-audit --no-fund ||
    fail "npm could not install MQTT.js"
  cp "$source/package-lock.json" "$target/installed-lock.json"
}
