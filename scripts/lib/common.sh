# What the scripts share. Sourced, with the checkout's root as working directory.

say() { echo "bteval: $*"; }
fail() {
  echo "bteval: $*" >&2
  exit 1
}

# usage SCRIPT: prints the comment at the head of a script.
usage() { sed -n '2,${/^#/!q;s/^# \{0,1\}//p}' "$1"; }

# Runs a command silently and shows its output only if it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  ((status == 0)) || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

# Runs a command as root.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "root is needed for: $*"
  fi
}

# configure PRESET FOLDER OPTION...: configures a build folder. Silent unless it fails.
configure() {
  local preset=$1 folder=$2
  shift 2
  quietly cmake --preset "$preset" -B "$folder" "$@"
}

# build FOLDER JOBS [TARGET...]: builds it, showing progress on a terminal and the last line elsewhere.
build() {
  local folder=$1 jobs=$2
  shift 2
  if [[ -t 1 ]]; then
    ninja -C "$folder" -j "$jobs" "$@"
  else
    quietly ninja -C "$folder" -j "$jobs" "$@"
  fi
}
