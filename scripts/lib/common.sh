# What the scripts share. Sourced, with the checkout's root as working directory.

say() { echo "bteval: $*"; }
fail() {
  echo "bteval: $*" >&2
  exit 1
}

# Runs a command silently and shows its output only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    local status=$?
    cat "$log" >&2
    rm -f "$log"
    return "$status"
  fi
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

jobs_default() { nproc; }

# configure PRESET FOLDER [OPTION...]: configures a build folder with a preset. Quiet unless it fails.
configure() {
  local preset=$1 folder=$2
  shift 2
  quietly cmake --preset "$preset" -B "$folder" "$@"
}
