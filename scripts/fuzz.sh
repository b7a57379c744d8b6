#!/usr/bin/env bash
# Builds the fuzz targets (clang, libFuzzer, ASan, UBSan) and runs them.
#
#   scripts/fuzz.sh [TARGET...] [--seconds N] [--jobs N] [--corpus DIR] [--build DIR] [--no-build] [--keep N]
#
# TARGET is a name of tests/fuzz/fuzz_NAME.cpp; all of them without one. Each runs for N seconds of processor time (default
# 600), so that a busy machine only takes longer. Inputs that reach new code are kept in DIR (default: ~/.cache/bteval-fuzz),
# outside the repository; --keep then copies the N that add most to tests/fuzz/corpus (--seconds 0: without a search before). What
# crashes, leaks, takes more than 5 s or more than 2 GB is a finding: it is kept in DIR/findings, and the exit status is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/clang.sh

seconds=600 jobs=1 corpus="${XDG_CACHE_HOME:-$HOME/.cache}/bteval-fuzz" build=build/fuzz do_build=1 keep=0 targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift ;;
    --jobs) jobs=$2; shift ;;
    --corpus) corpus=$2; shift ;;
    --build) build=$2; shift ;;
    --no-build) do_build=0 ;;
    --keep) keep=$2; shift ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "fuzz.sh: unknown option $1" >&2; exit 2 ;;
    *) targets+=("$1") ;;
  esac
  shift
done
if [ ${#targets[@]} -eq 0 ]; then
  for source in tests/fuzz/fuzz_*.cpp; do
    name=$(basename "$source" .cpp); targets+=("${name#fuzz_}")
  done
fi
for target in "${targets[@]}"; do
  [ -f "tests/fuzz/fuzz_$target.cpp" ] || { echo "fuzz.sh: there is no target $target" >&2; exit 2; }
done
if [ $do_build -eq 1 ]; then
  if [ ! -f "$build/build.ninja" ]; then
    clang=$(find_clang)
    cmake --preset fuzz -B "$build" -DCMAKE_CXX_COMPILER="$clang" ${BTEVAL_ARROW:+-DBTEVAL_ARROW="$BTEVAL_ARROW"} > /dev/null
  fi
  ninja -C "$build" "${targets[@]/#/fuzz_}" > /dev/null
fi
mkdir -p "$corpus"/{log,findings,scratch,bin}
# Of their own, so that building again does not disturb what runs.
for target in "${targets[@]}"; do cp --remove-destination "$build/tests/fuzz/fuzz_$target" "$corpus/bin/"; done
ticks=$(getconf CLK_TCK)

# Processor seconds of a process so far, in hundredths; nothing when it has ended.
spent() { awk -v t="$ticks" '{sub(/.*\) /, ""); print int(($12 + $13) * 100 / t)}' "/proc/$1/stat" 2> /dev/null || true; }

# An input that seemed to take too long on a busy machine, again: does it take 5 s of the processor's time?
is_slow() {
  local used
  used=$({ TIMEFORMAT='%U %S'; time "$1" -timeout=600 "$2" > /dev/null 2>&1; } 2>&1) || return 0
  awk '{exit !($1 + $2 > 5)}' <<< "$used"
}

# run_target NAME: writes the line of the table to DIR/log/NAME.row. Its status is 1 on a finding.
run_target() {
  local name=$1 log="$corpus/log/$1.log" program="$corpus/bin/fuzz_$1" used=0 status=0 executions=0 findings=0 round now pid
  local dictionary=() new slowest
  [ -f "tests/fuzz/dictionaries/$name.dict" ] && dictionary=("-dict=tests/fuzz/dictionaries/$name.dict")
  mkdir -p "$corpus/$name" "$corpus/scratch/$name"
  find "$corpus/findings" -name "$name-*" -delete
  new=$(find "$corpus/$name" -type f | wc -l)
  : > "$log"
  for ((round = 0; round < 20 && used < seconds * 100; ++round)); do
    # These options count the clock's seconds: is_slow() below tells a slow input from a busy machine.
    TMPDIR="$corpus/scratch/$name" "$program" -timeout=120 -report_slow_units=5 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
      -detect_leaks=1 "${dictionary[@]}" -artifact_prefix="$corpus/findings/$name-" \
      "$corpus/$name" "tests/fuzz/corpus/$name" >> "$log" 2>&1 &
    pid=$! now=0
    while kill -0 $pid 2> /dev/null; do
      sleep 1
      now=$(spent $pid); now=${now:-$last}; last=$now
      [ $((used + now)) -lt $((seconds * 100)) ] || kill -USR1 $pid 2> /dev/null || true  # ends it in an orderly way
    done
    status=0; wait $pid || status=$?
    used=$((used + now))
    [ $status -ne 70 ] || status=0
    for input in "$corpus/findings/$name-"{timeout,slow-unit}-*; do
      [ -f "$input" ] || continue
      if is_slow "$program" "$input"; then status=70; else rm -f "$input"; fi
    done
    if [ $status -ne 0 ]; then findings=1; break; fi
  done
  executions=$(awk '/stat::number_of_executed_units/ {n += $2} END {printf "%d", n}' "$log")
  slowest=$(awk '/stat::slowest_unit_time_sec/ {if ($2 > n) n = $2} END {printf "%d", n}' "$log")
  new=$(($(find "$corpus/$name" -type f | wc -l) - new))
  printf '%-24s %9d %12d %8d %6d %9d %9s\n' "$name" $((used / 100)) "$executions" \
    $((executions * 100 / (used > 0 ? used : 1))) "$new" "$slowest" "$([ $findings -eq 0 ] && echo none || echo "FINDING")" \
    > "$corpus/log/$name.row"
  cat "$corpus/log/$name.row"
  rm -rf "$corpus/scratch/$name"
  return $findings
}

last=0 failed=0 running=0
[ "$seconds" -eq 0 ] || printf '%-24s %9s %12s %8s %6s %9s %9s\n' target "CPU s" executions "per s" new "slowest s" findings
for target in "${targets[@]}"; do
  [ "$seconds" -gt 0 ] || break
  if [ $running -ge "$jobs" ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  run_target "$target" &
  running=$((running + 1))
done
while [ $running -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done

if [ "$keep" -gt 0 ] && [ $failed -eq 0 ]; then
  for target in "${targets[@]}"; do
    rm -f "$corpus/log/$target.control"
    mkdir -p "$corpus/scratch/$target" "$corpus/$target"
    # Without counters: the same code run more often is not new.
    cp -r "tests/fuzz/corpus/$target" "$corpus/scratch/$target/committed"
    TMPDIR="$corpus/scratch/$target" "$corpus/bin/fuzz_$target" -merge=1 -use_counters=0 -max_len=4096 -artifact_prefix="$corpus/findings/$target-" \
      -merge_control_file="$corpus/log/$target.control" "$corpus/scratch/$target/committed" "$corpus/$target" > "$corpus/log/$target.merge" 2>&1
    python3 scripts/fuzz_pick.py "$corpus/log/$target.control" "tests/fuzz/corpus/$target" "$keep"
    rm -rf "$corpus/scratch/$target"
  done
fi
[ $failed -eq 0 ] || { echo "findings are in $corpus/findings; the logs in $corpus/log" >&2; exit 1; }
