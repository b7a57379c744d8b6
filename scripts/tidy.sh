#!/usr/bin/env bash
# Runs clang-tidy 14 with .clang-tidy over our sources. Every finding is an error.
#
#   scripts/tidy.sh [--since COMMIT] [--jobs N] [PATH...]
#
#   --since COMMIT  only files that differ from that commit
#   --jobs N        so many files at a time (default: one per core)
#   PATH...         only files of these folders, or these files (default: lib datasets metrics reports apps)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/common.sh
source scripts/lib/clang.sh

since=
jobs=$(nproc)
paths=()
while (($#)); do
  case $1 in
    --since) since=${2:?--since needs a commit}; shift ;;
    --jobs) jobs=${2:?--jobs needs a number}; shift ;;
    -h | --help) usage "$0"; exit 0 ;;
    -*) fail "unknown option $1 (see --help)" ;;
    *) paths+=("$1") ;;
  esac
  shift
done
((${#paths[@]})) || paths=(lib datasets metrics reports apps)
tidy=$(command -v clang-tidy-14) || fail "clang-tidy-14 is missing (Debian: clang-tidy-14)"

# The commands of a compilation by clang, without precompiled headers, and the sources that the build itself writes.
folder=build/tidy
options=(-DCMAKE_CXX_COMPILER="$(find_clang)")
[[ ! -f .deps/libtorch.path ]] || options+=(-DBTEVAL_LIBTORCH="$(<.deps/libtorch.path)")
configure tidy "$folder" -DCMAKE_CXX_CLANG_TIDY= "${options[@]}"
build "$folder" "$jobs" bteval_git_revision

# Of a change in a header only the source beside it is checked, and whatever else changed.
mapfile -t files < <(
  if [[ -n $since ]]; then
    git diff --name-only --diff-filter=d "$since" -- "${paths[@]}" | sed -E 's/\.h$/.cpp/'
  else
    git ls-files -- "${paths[@]}"
  fi | grep '\.cpp$' | sort -u
)
checked=()
for file in "${files[@]}"; do
  # Sources that this configuration leaves out (kernels for GPUs) have no command.
  [[ -f $file ]] && grep -qF "\"file\": \"$PWD/$file\"" "$folder/compile_commands.json" && checked+=("$file")
done
((${#checked[@]})) || { say "no source to check"; exit 0; }
say "checking ${#checked[@]} files"
printf '%s\0' "${checked[@]}" |
  xargs -0 -n 1 -P "$jobs" "$tidy" -p "$folder" --quiet --warnings-as-errors='*' 2> >(grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -header' >&2)
say "nothing found"
