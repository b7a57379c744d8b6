#!/usr/bin/env bash
# Builds bteval and runs its tests. Installs what is missing first.
#
#   scripts/test.sh [--fast] [--tsan] [--filter REGEX] [--libtorch DIR] [--debian-libtorch] [--jobs N]
#
# Two passes: plain; under AddressSanitizer and UndefinedBehaviorSanitizer. On demand a third one: under ThreadSanitizer, of the
# folders that start threads. Those under sanitizers leave the tests of the built program out, which run the same code
# (BTEVAL_END_TO_END), and run a program's tests in a few processes instead of one each (BTEVAL_TEST_SHARDS). Files are compiled
# a few at a time (CMAKE_UNITY_BUILD).
#
#   --fast             only the first pass
#   --tsan             the third pass, too; with --filter . it builds and runs all tests
#   --filter REGEX     only tests whose name matches
#   --libtorch DIR     with this LibTorch
#   --debian-libtorch  with Debian's LibTorch, in a build folder of its own; only the tests that run LibTorch's code
#   --jobs N           so many compilations and tests at a time (default: one per core)
#
# Tests on real data look for it in BTEVAL_TEST_DATA (default: ../shared/data beside the checkout) and skip without it.
# The last line counts: N passed, N failed, N skipped. The exit status is 0 only if nothing failed and tests did run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/common.sh

passes=(dev asan-ubsan)
filter=
jobs=$(nproc)
folder_suffix=
bootstrap_options=(--tests)
# Another compiler's new warning must not keep anybody from testing; .ci/run turns this on.
cmake_options=(-DBTEVAL_WERROR="${BTEVAL_WERROR:-OFF}" -DCMAKE_UNITY_BUILD=ON)
libtorch=
while (($#)); do
  case $1 in
    --fast) passes=(dev) ;;
    --tsan) passes+=(tsan) ;;
    --filter) filter=${2:?--filter needs a regular expression}; shift ;;
    --libtorch) bootstrap_options+=("$1" "${2:?--libtorch needs a folder}"); shift ;;
    --debian-libtorch) bootstrap_options+=("$1"); folder_suffix=-debian; libtorch=/usr ;;
    --jobs) jobs=${2:?--jobs needs a number}; shift ;;
    -h | --help) usage "$0"; exit 0 ;;
    *) fail "unknown option $1 (see --help)" ;;
  esac
  shift
done

scripts/bootstrap.sh "${bootstrap_options[@]}"
cmake_options+=(-DBTEVAL_LIBTORCH="${libtorch:-$(<.deps/libtorch.path)}")
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export LSAN_OPTIONS=suppressions=$PWD/scripts/lib/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
source scripts/lib/tsan.sh

# With Debian's LibTorch: the programs that run LibTorch's code, and their tests. The other code has run with the other one.
libtorch_targets=(bteval e2e_mini golden unit_distributed unit_engine unit_model)
libtorch_tests='^unit_(model|engine|distributed)\.|^golden\.|^e2e_mini\.'
# Under ThreadSanitizer: the folders that start threads. --filter takes any test.
threads_targets=(unit_core unit_distributed unit_engine unit_metrics sanitizer_probe)
threads_tests='^unit_(core|distributed|engine|metrics)\.|^sanitizer\.'

# Minutes under a sanitizer, for the code that other tests run as well: not there. For ctest, and for GoogleTest's shards.
costly_tests='TornJournal|TypeOneError|EvalRetrieval\.(EveryProtocol|ScoresStand)'
all_but_costly_tests='-*TornJournal*:*TypeOneError*:*EvalRetrieval.EveryProtocol*:*EvalRetrieval.ScoresStand*'

# run_tests PRESET: builds a preset and runs its tests; the results go to FOLDER/results.xml.
results=()
run_tests() {
  local preset=$1 folder=build/$1$folder_suffix shards=0
  local around=(env) targets=() left_out=() chosen=${filter:-.}
  [[ $preset != tsan ]] || read -ra around <<<"$(tsan_launcher)"
  [[ $preset == dev ]] || left_out=(-E "^repository\.|$costly_tests")
  if [[ $preset != dev && -z $filter ]]; then
    shards=4
    around+=(GTEST_FILTER="$all_but_costly_tests")
  fi
  if [[ $folder_suffix == -debian && -z $filter ]]; then
    targets=("${libtorch_targets[@]}") chosen=$libtorch_tests
  elif [[ $preset == tsan && -z $filter ]]; then
    targets=("${threads_targets[@]}") chosen=$threads_tests
  fi
  say "building $folder"
  configure "$preset" "$folder" "${cmake_options[@]}" -DBTEVAL_TEST_SHARDS="$shards"
  build "$folder" "$jobs" "${targets[@]}"
  say "testing $folder"
  rm -rf "$folder/results.xml" "$folder/shards"
  results+=("$preset$folder_suffix=$folder/results.xml")
  "${around[@]}" ctest --test-dir "$folder" --output-on-failure --parallel "$jobs" --no-tests=error -R "$chosen" "${left_out[@]}" \
    --output-junit "$PWD/$folder/results.xml" | grep -vE '^ *Start |Passed +[0-9.]+ sec$' || true
}

started=$SECONDS
for pass in "${passes[@]}"; do
  run_tests "$pass"
done
say "took $((SECONDS - started)) s"
python3 scripts/summarise_tests.py "${results[@]}"
