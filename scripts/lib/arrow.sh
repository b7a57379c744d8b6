# Apache Arrow C++ for the tests of .arrow files: the pyarrow wheel, unpacked into .deps/pyarrow, where CMake looks for it.
# Sourced after libtorch.sh. Without it everything else still builds, and these tests are skipped.

arrow_version=26.0.1

use_wheel_arrow() {
  local wanted=pyarrow==$arrow_version python
  python3 -c 'import importlib.util as u, sys; sys.exit(u.find_spec("pyarrow") is None)' 2>/dev/null && return 0
  [[ -f .deps/pyarrow.complete && $(<.deps/pyarrow.complete) == "$wanted" ]] && return 0
  # A failed attempt takes a while; it is not repeated on every run.
  [[ -f .deps/pyarrow.failed && -n $(find .deps/pyarrow.failed -newermt '-1 day') ]] && return 0
  python=$(python_with_pip) || return 0
  rm -rf .deps/unpack .deps/pyarrow .deps/pyarrow.complete
  mkdir -p .deps
  say "fetching $wanted (about 50 MB)"
  if fetch_wheel "$python" "$wanted" && [[ -f .deps/unpack/pyarrow/include/arrow/ipc/reader.h ]]; then
    mkdir .deps/pyarrow
    mv .deps/unpack/pyarrow/include .deps/unpack/pyarrow/libarrow.so.* .deps/pyarrow/
    rm -f .deps/pyarrow.failed
    echo "$wanted" >.deps/pyarrow.complete
  else
    say "$wanted was not to be had; the tests of .arrow files will be skipped (log: .deps/pip.log)"
    touch .deps/pyarrow.failed
  fi
  rm -rf .deps/unpack
}
