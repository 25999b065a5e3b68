#!/usr/bin/env bash
# Installs the peers that we compare ourselves with (Debian and Ubuntu packages, as root) and builds their programs in artifacts/peers.
# Exit status: 0 ready; 77 cannot be made ready here, the last line on stderr says why and what to do; 1 a program did not compile.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here PACKAGES=(openmpi-bin libopenmpi-dev mpich libmpich-dev libgloo-dev gcc g++ libc6-dev make)

cannot() {
  printf 'perf/peers/prepare.sh: %s\n' "$1" >&2
  exit 77
}

missing=()
for package in "${PACKAGES[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
if ((${#missing[@]})); then
  command -v apt-get >/dev/null || cannot "Open MPI, MPICH and gloo are taken from Debian's or Ubuntu's packages, and there is no apt-get here"
  [[ $EUID -eq 0 ]] || cannot "packages are missing: sudo apt-get install -y ${missing[*]}"
  install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "${missing[@]}")
  # The package lists may be absent or too old: once more with new ones.
  "${install[@]}" >/dev/null 2>&1 || { apt-get -qq update && "${install[@]}" >/dev/null; } || cannot "apt-get could not install: ${missing[*]}"
fi
make --silent -C "$here"
