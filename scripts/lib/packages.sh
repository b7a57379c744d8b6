# Debian packages. docs/dependencies.md says what each one is for.

build_packages=(
  cmake ninja-build g++ ccache git python3
  libfmt-dev nlohmann-json3-dev libcli11-dev libssl-dev zlib1g-dev libjpeg-dev
  libopencv-core-dev libopencv-imgcodecs-dev libjs-chart.js
)
test_packages=(
  libgtest-dev libgmock-dev clang-format-14
  chromium chromium-driver fonts-dejavu-core poppler-utils python3-selenium python3-markdown-it
)
debian_libtorch_packages=(libtorch-dev libopenblas0-pthread)

# install_packages NAME...: installs those that are missing; does nothing where none is.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: expecting the counterparts of $*"
    return 0
  fi
  local missing=() package
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *//p') || true
  for package in "$@"; do
    grep -qxF "$package" <<<"$installed" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  # A cloud image's first boot may still hold apt's lock, hence the time-out.
  local apt=(apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3)
  quietly as_root env DEBIAN_FRONTEND=noninteractive "${apt[@]}" update ||
    say "the package lists could not be refreshed; trying with those that are there"
  quietly as_root env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
    fail "could not install: ${missing[*]}"
}
