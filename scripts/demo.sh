#!/usr/bin/env bash
# Shows bteval at work: builds it, and evaluates the small models of assets/mini on all five tasks.
# Installs what is missing first. Options go to scripts/bootstrap.sh (--libtorch DIR, --debian-libtorch).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/common.sh

case ${1:-} in -h | --help) usage "$0"; exit 0 ;; esac
scripts/bootstrap.sh "$@"
folder=build/release
libtorch=$(<.deps/libtorch.path) 2>/dev/null || libtorch=
case " $* " in *" --debian-libtorch "*) folder=build/release-debian; libtorch=/usr ;; esac

say "building $folder/bin/bteval"
configure release "$folder" -DBTEVAL_LIBTORCH="$libtorch"
build "$folder" "$(nproc)" bteval

run=$(mktemp -d "${TMPDIR:-/tmp}/bteval-demo.XXXXXX")
say "bteval eval --suite mini --threads 1 --out $run"
# One thread: models as small as these spend more threads' time waiting for one another.
"$folder/bin/bteval" eval --suite mini --threads 1 --out "$run"
say "everything about this run is in $run"
