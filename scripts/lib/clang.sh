# Finds clang, which Debian names clang++-14 where the package "clang" is missing. Sourced.

# Prints the path of clang++, or else that of the newest clang++-N; status 2 without one.
find_clang() {
  local name
  for name in clang++ $(compgen -c clang++- | grep -E '^clang\+\+-[0-9]+$' | sort -t- -k2 -rnu); do
    command -v "$name" && return
  done
  echo "clang++ is not installed (Debian: clang)" >&2
  return 2
}

# Prints the path of one of LLVM's tools, of the same version as the clang++ in $1.
llvm_tool() {
  local version
  version=$("$1" -dumpversion | cut -d. -f1)
  command -v "$2-$version" || command -v "$2" || { echo "$2 is not installed (Debian: llvm)" >&2; return 2; }
}
