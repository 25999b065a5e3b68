# shellcheck shell=bash
# The guest's kernel: found, downloaded and unpacked from the distribution's packages; nothing of it is installed.

# default_kernel_package: the distribution's meta package for the newest stock kernel.
default_kernel_package() {
  # shellcheck source=/dev/null
  case $(. /etc/os-release && printf '%s' "$ID") in
    ubuntu) printf 'linux-image-generic\n' ;; # rdma_rxe is in linux-modules-extra-*, which the meta package depends on.
    *) printf 'linux-image-amd64\n' ;;
  esac
}

# kernel_package_files META: "package=version" of each package that META stands for (image, modules), one a line.
# A meta package has no files; the packages with a kernel release in their names have.
kernel_package_files() {
  local package version
  apt-cache depends --recurse --important --no-recommends --no-suggests "$1" 2>/dev/null \
    | grep -E '^linux-(image|modules|modules-extra)-(unsigned-)?[0-9]+\.[0-9]+\.[0-9]+' | sort -u \
    | while read -r package; do
      version=$(apt-cache policy "$package" | awk '$1 == "Candidate:" {print $2}')
      [[ -n $version && $version != "(none)" ]] && printf '%s=%s\n' "$package" "$version"
    done
}

# unpack_packages TREE PACKAGE=VERSION...: downloads and unpacks into TREE, which appears only when it is complete.
unpack_packages() {
  local tree=$1 work archive
  shift
  work=$(mktemp -d "$tree.XXXXXX")
  if ! (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$@") >&2; then
    rm -rf "$work"
    return 1
  fi
  for archive in "$work"/*.deb; do
    dpkg-deb -x "$archive" "$work/tree"
    rm "$archive"
  done
  mv -T "$work/tree" "$tree"
  rmdir "$work"
}

# number_at FILE OFFSET BYTES: a little-endian unsigned number.
number_at() { od -An --endian=little -j "$2" -N "$3" -t "u$3" "$1" | tr -d ' '; }

# unpack_bzimage BZIMAGE ELF: the uncompressed kernel. QEMU starts it by its PVH entry point (x86/boot.rst and
# the Xen PVH specification), which saves the self-extraction: 10 s under emulation.
# Fails, leaving no ELF, where the compression is unknown or the kernel has no PVH entry; the bzImage boots too, slower.
unpack_bzimage() {
  local image=$1 elf=$2 setup_sectors offset length magic unpack
  # Header fields of the x86 boot protocol, 2.08 and later.
  [[ $(od -An -j $((0x202)) -N 4 -c "$image" | tr -d ' ') == HdrS ]] || return 1
  setup_sectors=$(number_at "$image" $((0x1f1)) 1)
  offset=$(((setup_sectors + 1) * 512 + $(number_at "$image" $((0x248)) 4)))
  length=$(number_at "$image" $((0x24c)) 4)
  magic=$(od -An -j "$offset" -N 4 -t x1 "$image" | tr -d ' ')
  case $magic in
    fd377a58) unpack="xz -dcq" ;;
    28b52ffd) unpack="zstd -dcq" ;;
    02214c18) unpack="lz4 -dcq" ;;
    1f8b*) unpack="gzip -dcq" ;;
    *) return 1 ;;
  esac
  # The build appends the unpacked size to what xz, zstd and lz4 wrote; they may call that trailing garbage, so look at the result, not at the status.
  [[ $magic == 1f8b* ]] || length=$((length - 4))
  tail -c "+$((offset + 1))" "$image" | head -c "$length" | $unpack >"$elf" 2>/dev/null || true
  # A note of name "Xen" and type 18 (XEN_ELFNOTE_PHYS32_ENTRY) holds the PVH entry point.
  if LC_ALL=C grep -aqP '^\x7fELF' "$elf" && LC_ALL=C grep -aqP '\x04\x00\x00\x00[\x04\x08]\x00\x00\x00\x12\x00\x00\x00Xen\x00' "$elf"; then
    return
  fi
  rm -f "$elf"
  return 1
}
