#!/usr/bin/env bash
# Every shell script of the project passes shellcheck.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v shellcheck >/dev/null || {
  echo "skipped: shellcheck is not installed"
  exit 77
}
mapfile -t scripts < <(git -c safe.directory="$PWD" ls-files --cached --others --exclude-standard -- '*.sh')
shellcheck automateBuild.sh .ci/run "${scripts[@]}"
echo "shellcheck found nothing in $((${#scripts[@]} + 2)) scripts"
