#!/usr/bin/env bash
# Makes this machine ready for tests/softroce/run. See --help.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/softroce/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=tests/softroce/lib/kernel.sh
. "$here/lib/kernel.sh"
# shellcheck source=tests/softroce/lib/initramfs.sh
. "$here/lib/initramfs.sh"

usage() {
  cat <<'TEXT'
usage: tests/softroce/prepare.sh [--native auto|yes|no]

Makes this machine ready for tests/softroce/run: installs missing Debian/Ubuntu packages (as root), and, where the kernel
has no rdma_rxe, builds a kernel and an initramfs for the micro-VM from the distribution's kernel package and boots them
once. What is there is kept, so a second call takes a second or two.

  --native auto   use the host's own rdma_rxe where there is one, else prepare the micro-VM (default)
  --native yes    the host's own rdma_rxe only
  --native no     prepare the micro-VM in any case

Environment:
  RDMACC_SOFTROCE_CACHE    where kernels and images are kept, about 500 MB (default:
                           ${XDG_CACHE_HOME:-~/.cache}/rdmacc-softroce)
  RDMACC_SOFTROCE_KERNEL   package of the guest's kernel (default: linux-image-amd64, on Ubuntu linux-image-generic)

Exit status: 0 ready; 77 cannot be made ready here, the reason and the remedy are the last line on stderr; 1 failed.
TEXT
}

# On the host and in the guest, which sees the host's programs.
readonly TEST_PACKAGES=(iproute2 kmod rdma-core ibverbs-utils ibverbs-providers perftest rdmacm-utils libibverbs-dev librdmacm-dev crun)
readonly VM_PACKAGES=(qemu-system-x86 busybox-static cpio lz4 xz-utils zstd)

# install_packages PACKAGE...: what of it is missing.
install_packages() {
  local package missing=() install
  for package; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  [[ $EUID -eq 0 ]] || cannot_run "packages are missing: ${missing[*]}" "sudo apt-get install -y ${missing[*]}"

  say "installing: ${missing[*]}"
  install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "${missing[@]}")
  "${install[@]}" >/dev/null && return
  apt-get -qq update || true # The lists may be absent or too old: once more with new ones.
  "${install[@]}" >/dev/null || cannot_run "apt-get could not install: ${missing[*]}" "apt-get update && apt-get install -y ${missing[*]}"
}

# fetch_kernel: sets kernel_tree to an unpacked kernel package in the cache: the archive's newest, or where it cannot be had the cached one.
fetch_kernel() {
  local meta files name
  meta=${RDMACC_SOFTROCE_KERNEL:-$(default_kernel_package)}
  files=$(kernel_package_files "$meta")
  if [[ -z $files && $EUID -eq 0 ]]; then
    apt-get -qq update || true
    files=$(kernel_package_files "$meta")
  fi
  if [[ -n $files ]]; then
    name=kernel-$(sha256sum <<<"$files" | cut -c1-16)
    kernel_tree=$cache/$name
    [[ -d $kernel_tree ]] && return
    say "downloading ${files//$'\n'/ } (about 70 MB)"
    # shellcheck disable=SC2086 # One word a package.
    if unpack_packages "$kernel_tree" $files; then
      printf '%s\n' "$meta" >"$kernel_tree/meta-package"
      return
    fi
  fi
  kernel_tree=$(grep -lxF "$meta" "$cache"/kernel-*/meta-package 2>/dev/null | xargs -r dirname | xargs -r ls -dt | head -n 1)
  [[ -n $kernel_tree ]] || cannot_run "the kernel package $meta cannot be downloaded" "give this machine access to its package archive (apt-get update), then repeat"
  say "the kernel package cannot be downloaded; going on with the one in $kernel_tree"
}

# build_image: kernel and initramfs under a name of their own; the link to them is moved in one step, so that a run under way is not disturbed.
build_image() {
  local release image
  release=$(basename "$kernel_tree"/lib/modules/*)
  image=$(mktemp -d "$link.XXXXXX")
  [[ -e $kernel_tree/lib/modules/$release/modules.dep.bin ]] || depmod -b "$kernel_tree" "$release"
  if ! unpack_bzimage "$kernel_tree/boot/vmlinuz-$release" "$image/kernel"; then
    say "booting the packed kernel: it has no PVH entry or an unknown compression"
    cp "$kernel_tree/boot/vmlinuz-$release" "$image/kernel"
  fi
  if ! build_initramfs "$kernel_tree" "$release" "$here/guest/init" "$(command -v busybox)" "$image/initramfs"; then
    rm -rf "$image"
    cannot_run "the kernel $release does not suit" "set RDMACC_SOFTROCE_KERNEL to another kernel package (Debian: linux-image-amd64)"
  fi
  basename "$kernel_tree" >"$image/kernel-tree"
  printf '%s\n' "$release" >"$image/release"
  printf '%s\n' "$image"
}

# choose_accelerator IMAGE: boots IMAGE with KVM where that works, else by emulation; the image keeps the answer.
choose_accelerator() {
  local accelerator limit
  for accelerator in kvm tcg; do
    [[ $accelerator == kvm && ! -w /dev/kvm ]] && continue
    limit=$([[ $accelerator == kvm ]] && echo 30 || echo 120) # A nested KVM that hangs must not cost minutes.
    # The lock is not handed down: a machine that outlived us would keep it.
    if "$here/run" --image "$1" --accelerator "$accelerator" --boot-limit "$limit" --native no --hosts 1 \
      -- test -e /sys/class/infiniband/rxe1r0 {lock}>&- >"$1/first-boot.log" 2>&1; then
      printf '%s\n' "$accelerator" >"$1/accelerator"
      return
    fi
  done
  cat "$1/first-boot.log" >&2
  return 1
}

prepare_vm() {
  [[ $(uname -m) == x86_64 ]] || cannot_run "the micro-VM is x86-64 only and this is $(uname -m)" "use a kernel with rdma_rxe"
  command -v apt-get >/dev/null || cannot_run "the micro-VM is made from Debian or Ubuntu packages and there is no apt-get" "load rdma_rxe on this host, as root"
  install_packages "${TEST_PACKAGES[@]}" "${VM_PACKAGES[@]}"

  local cache link image
  cache=$(cache_directory)
  link=$(image_link "$here")
  mkdir -p "$cache"
  exec {lock}>"$cache/lock"
  flock "$lock" # Another checkout may be preparing.

  local kernel_tree
  fetch_kernel
  if [[ -e $link/accelerator && $(cat "$link/kernel-tree") == "$(basename "$kernel_tree")" ]]; then
    return
  fi
  image=$(build_image)
  if ! choose_accelerator "$image"; then
    rm -rf "$image"
    fail 1 "the micro-VM did not boot (its console is above)"
  fi
  ln -sn "$(basename "$image")" "$image.link"
  mv -T "$image.link" "$link"
  discard_old
}

# discard_old: images that no link names (a run may just be starting one, so not the recent ones), and kernels that have long been superseded.
discard_old() {
  local path links
  links=$(find "$cache" -maxdepth 1 -name 'image-*' -type l -printf '%l\n')
  find "$cache" -maxdepth 1 -name 'image-*' -type d -mtime +1 | while read -r path; do
    grep -qxF "$(basename "$path")" <<<"$links" || rm -rf "$path"
  done
  find "$cache" -maxdepth 1 -name 'kernel-*' -type d -ctime +30 ! -path "$kernel_tree" -exec rm -rf {} +
}

native=auto
while (($#)); do
  case $1 in
    -h | --help) usage && exit ;;
    --native)
      (($# > 1)) || usage_error "--native needs a value"
      native=$2
      shift 2
      ;;
    *) usage_error "unknown argument '$1'" ;;
  esac
done
require_one_of --native "$native" auto yes no

if [[ $native != no ]] && host_has_rxe; then
  if command -v apt-get >/dev/null; then install_packages "${TEST_PACKAGES[@]}"; fi
  say "ready: this host's own rdma_rxe (kernel $(uname -r))"
elif [[ $native == yes ]]; then
  cannot_run "$why_not_native" "run as root on a kernel with rdma_rxe, or use --native no"
else
  prepare_vm
  say "ready: micro-VM with kernel $(cat "$(image_link "$here")/release"), $(cat "$(image_link "$here")/accelerator")"
fi
