# Functions for tests that disturb evaluations of several processes; sourced with the run's folder as $0, after the functions
# of run_script (tests/support/mini_run.h).
# shellcheck shell=bash disable=SC2154  # $journal comes from run_script

mkdir -p "$0.pids"
ranks=()

wait_until() {  # COMMAND...: for two minutes at most
  local end=$((SECONDS + 120))
  until "$@"; do
    ((SECONDS < end)) || { echo "waited in vain until $*"; return 1; }
    sleep 0.002
  done
}

pid_of() {  # RANK: waits until the process of ranked.sh with this rank has begun, and prints its id
  wait_until test -s "$0.pids/$1" && cat "$0.pids/$1"
}

journal_has() { [ "$(stat -c %s "$journal" 2>/dev/null || echo 0)" -ge "$1" ]; }

wait_for_journal() { wait_until journal_has "$1"; }  # BYTES

# Starts a process as a user does without a launcher; what stands in $on runs it.
start_rank() {  # RANK SIZE ADDRESS PORT COMMAND...
  local rank=$1 size=$2 address=$3 port=$4
  shift 4
  RANK=$rank WORLD_SIZE=$size MASTER_ADDR=$address MASTER_PORT=$port "${on[@]}" "$@" >"$0.out.$rank" 2>&1 &
  ranks[rank]=$!
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_ranks() {  # SIZE COMMAND...
  local size=$1 rank port on=(env)
  shift
  port=$(free_port)
  for ((rank = 0; rank < size; ++rank)); do start_rank "$rank" "$size" 127.0.0.1 "$port" "$@"; done
}

finish() {  # RANK: waits for its end, and prints the exit status and what it said
  wait "${ranks[$1]}"
  echo "rank $1 ended with $?"
  cat "$0.out.$1"
}

# Two network namespaces with a cable between them are what two hosts are to TCP: $host0 with 10.0.0.1 at cable0, and $host1
# with 10.0.0.2 at cable1. They end with the script.
make_two_hosts() {
  local end host
  unshare --net sleep 600 & host0=$!
  unshare --net sleep 600 & host1=$!
  trap 'kill -KILL $host0 $host1' EXIT
  for host in $host0 $host1; do
    until [ "$(readlink "/proc/$host/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
  done
  ip link add cable0 netns "$host0" type veth peer name cable1 netns "$host1"
  for end in 0 1; do
    host=host$end
    nsenter --target "${!host}" --net sh -c "ip addr add 10.0.0.$((end + 1))/24 dev cable$end && ip link set cable$end up &&
      ip link set lo up"
  done
}

start_on_two_hosts() {  # COMMAND...: rank 0 on the first, rank 1 on the second
  local on
  on=(nsenter --target "$host0" --net)
  start_rank 0 2 10.0.0.1 29500 "$@"
  on=(nsenter --target "$host1" --net)
  start_rank 1 2 10.0.0.1 29500 "$@"
}

pull_cable() {  # 0 or 1: the end to take down
  local host=host$1
  nsenter --target "${!host}" --net ip link set "cable$1" down
}
