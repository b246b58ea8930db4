#!/usr/bin/env bash
# Checks that clang-format would change nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
formatter=$(command -v clang-format-14 || command -v clang-format) || {
  echo "skipped: clang-format is not installed"
  exit 77
}
"$formatter" --version
git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.hpp' |
  xargs -0 -r "$formatter" --dry-run --Werror
