# Finding a LibTorch. Each use_* function sets libtorch_{dir,version,kind,origin}, or returns 1 after saying why not.

wheel_version=2.13.0
wheel_index=https://download.pytorch.org/whl/cpu  # PyTorch's own index of CPU builds

# inspect_libtorch DIR: sets libtorch_{dir,version,kind}; returns 1 with the reason in libtorch_reason.
inspect_libtorch() {
  local dir=$1 lib="" folder header
  libtorch_reason=""
  [[ -f $dir/include/ATen/ATen.h ]] || { libtorch_reason="has no include/ATen/ATen.h"; return 1; }
  for folder in lib lib64 "lib/$(g++ -dumpmachine)"; do
    [[ -f $dir/$folder/libtorch_cpu.so ]] && { lib=$dir/$folder; break; }
  done
  [[ -n $lib ]] || { libtorch_reason="has no libtorch_cpu.so"; return 1; }
  # A function that takes a std::string shows which std::string the library was built with.
  grep -q 'torchCheckFailEPKcS[0-9]_jRKNSt7__cxx11' "$lib/libc10.so" ||
    { libtorch_reason="was built with _GLIBCXX_USE_CXX11_ABI=0 and does not link with the system's libraries"; return 1; }
  libtorch_version=""
  for header in torch/headeronly/version.h torch/csrc/api/include/torch/version.h; do
    [[ -n $libtorch_version || ! -f $dir/include/$header ]] ||
      libtorch_version=$(sed -n 's/^#define TORCH_VERSION_\(MAJOR\|MINOR\|PATCH\) \([0-9]*\)$/\2/p' \
        "$dir/include/$header" | paste -sd.)
  done
  [[ $(printf '%s\n' 1.13 "$libtorch_version" | sort -V | head -n1) == 1.13 ]] ||
    { libtorch_reason="is version ${libtorch_version:-unknown}; 1.13 or newer is needed"; return 1; }
  libtorch_dir=$dir
  libtorch_kind=CPU
  [[ -f $lib/libtorch_cuda.so ]] && libtorch_kind=CUDA
  return 0
}

use_named_libtorch() {
  local dir
  dir=$(cd "$1" 2>/dev/null && pwd) || fail "no such folder: $1"
  inspect_libtorch "$dir" || fail "the LibTorch at $dir $libtorch_reason"
  libtorch_origin="as named"
}

# That of the active Python. The package is located, not imported: an import takes seconds.
use_python_libtorch() {
  command -v python3 >/dev/null || return 1
  local dir
  dir=$(python3 -c 'import importlib.util as u
s = u.find_spec("torch")
print(s.submodule_search_locations[0] if s and s.submodule_search_locations else "")' 2>/dev/null) || return 1
  [[ -n $dir ]] || return 1
  inspect_libtorch "$dir" || { say "not using Python's torch at $dir: it $libtorch_reason"; return 1; }
  libtorch_origin="of the installed Python torch"
}

# PyTorch's CPU wheel in .deps/torch. The version is pinned with its local label "+cpu", which no CUDA build carries: on an
# index that has CUDA builds only, pip finds nothing instead of fetching gigabytes.
use_wheel_libtorch() {
  local wanted=torch==$wheel_version+cpu dir=$PWD/.deps/torch
  libtorch_origin="from the wheel $wanted"
  if [[ -f .deps/torch.complete && $(<.deps/torch.complete) == "$wanted" ]] && inspect_libtorch "$dir"; then
    return 0
  fi
  # A failed attempt takes a while; it is not repeated on every run.
  if [[ -f .deps/wheel.failed && -n $(find .deps/wheel.failed -newermt '-1 day') ]]; then
    say "not trying pip again today: $wanted was not to be had (remove .deps/wheel.failed to try)"
    return 1
  fi
  local python
  python=$(python_with_pip) || return 1
  rm -rf .deps/unpack .deps/torch .deps/torch.complete
  mkdir -p .deps
  say "fetching $wanted (about 190 MB)"
  # First whatever index or folder the user's pip is set up with, then PyTorch's.
  if ! fetch_wheel "$python" "$wanted" && ! { reachable "$wheel_index/torch/" &&
    fetch_wheel "$python" "$wanted" --index-url "$wheel_index"; }; then
    rm -rf .deps/unpack
    say "no CPU build of torch $wheel_version for this Python through pip (log: .deps/pip.log)"
    touch .deps/wheel.failed
    return 1
  fi
  mv .deps/unpack/torch .deps/torch
  rm -rf .deps/unpack .deps/wheel.failed
  inspect_libtorch "$dir" || { say "the wheel's LibTorch $libtorch_reason"; return 1; }
  echo "$wanted" >.deps/torch.complete
}

# Prints a Python that has pip, installing Debian's where none has.
python_with_pip() {
  local python
  for python in python3 /usr/bin/python3; do
    "$python" -m pip --version >/dev/null 2>&1 && { echo "$python"; return 0; }
  done
  install_packages python3-pip >&2
  /usr/bin/python3 -m pip --version >/dev/null 2>&1 && echo /usr/bin/python3
}

# Only the package itself: LibTorch needs none of the Python packages that the wheel names.
fetch_wheel() {
  local python=$1 wanted=$2
  shift 2
  "$python" -m pip install --quiet --disable-pip-version-check --no-input --timeout 30 --retries 1 \
    --no-deps --no-compile --only-binary :all: --target .deps/unpack "$@" "$wanted" >>.deps/pip.log 2>&1
}

# Whether a URL answers within a few seconds.
reachable() {
  python3 -c 'import sys, urllib.request as r
r.urlopen(r.Request(sys.argv[1], method="HEAD"), timeout=5)' "$1" >/dev/null 2>&1
}

# Debian's, with OpenBLAS: on the reference BLAS, which comes without it, the program is a hundred times slower.
use_debian_libtorch() {
  install_packages "${debian_libtorch_packages[@]}"
  inspect_libtorch /usr || fail "Debian's LibTorch $libtorch_reason"
  libtorch_origin="Debian's libtorch-dev"
}
