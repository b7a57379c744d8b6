#!/usr/bin/env bash
# Installs what bteval needs to build, and chooses a LibTorch. Safe to run again: skips what is there.
#
#   scripts/bootstrap.sh [--tests] [--libtorch DIR] [--debian-libtorch]
#
#   --tests            also what the tests need; Apache Arrow (of the pyarrow wheel) only where pip has it
#   --libtorch DIR     use this LibTorch (the environment variable LIBTORCH does the same)
#   --debian-libtorch  use Debian's libtorch-dev, for this run only
#
# LibTorch, first match wins: the one that was named; that of the active Python's `torch`; PyTorch's CPU wheel, unpacked
# into .deps/; Debian's libtorch-dev. The choice is written to .deps/libtorch.path, where CMake looks for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/common.sh
source scripts/lib/packages.sh
source scripts/lib/libtorch.sh
source scripts/lib/arrow.sh

with_tests=no
named=${LIBTORCH:-}
debian=no
while (($#)); do
  case $1 in
    --tests) with_tests=yes ;;
    --libtorch) named=${2:?--libtorch needs a folder}; shift ;;
    --debian-libtorch) debian=yes ;;
    -h | --help) usage "$0"; exit 0 ;;
    *) fail "unknown option $1 (see --help)" ;;
  esac
  shift
done

install_packages "${build_packages[@]}"
[[ $with_tests == yes ]] && install_packages "${test_packages[@]}"

if [[ $debian == yes ]]; then
  use_debian_libtorch
elif [[ -n $named ]]; then
  use_named_libtorch "$named"
else
  use_python_libtorch || use_wheel_libtorch || use_debian_libtorch
fi
[[ $with_tests == yes ]] && use_wheel_arrow
say "LibTorch $libtorch_version ($libtorch_kind) at $libtorch_dir, $libtorch_origin"
if [[ $debian == no ]]; then
  mkdir -p .deps
  [[ -f .deps/libtorch.path && $(<.deps/libtorch.path) == "$libtorch_dir" ]] || echo "$libtorch_dir" >.deps/libtorch.path
fi
