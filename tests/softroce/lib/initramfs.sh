# shellcheck shell=bash
# The guest's initramfs: busybox, guest/init, and the few kernel modules that a Soft-RoCE test needs.

# Loaded at start; each must be in the kernel or in its packages. crc32: rxe asks for it when a device is made.
# (crc32_pclmul is left out on purpose: under emulation it makes rxe about 1.7 times slower than the plain code.)
readonly BOOT_MODULES=(virtio_pci virtio_console 9pnet_virtio 9p overlay veth bridge ib_uverbs rdma_ucm rdma_rxe)
# Carried where the kernel has them, loaded when somebody asks (the kernel does so itself for the queueing disciplines).
readonly OPTIONAL_MODULES=(crc32_generic crc32c_generic sch_netem sch_tbf sch_ingress cls_u32 act_mirred act_gact ifb dummy macvlan
  ib_umad unix_diag inet_diag tcp_diag tun loop fuse siw udmabuf)

# module_files TREE RELEASE MODULE: the files of MODULE and of what it depends on; fails where the kernel does not know it.
module_files() { modprobe -d "$1" -S "$2" --show-depends "$3" 2>/dev/null | awk '$1 == "insmod" {print $2}'; }

# build_initramfs KERNEL_TREE RELEASE INIT BUSYBOX OUTPUT
build_initramfs() {
  local tree=$1 release=$2 init=$3 busybox=$4 output=$5 root module file files
  root=$(mktemp -d)
  mkdir -p "$root"/{bin,sbin,proc,sys,dev,lower,upper,newroot} "$root/lib/modules/$release"
  cp "$busybox" "$root/bin/busybox"
  install -m 755 "$init" "$root/init"

  for module in "${BOOT_MODULES[@]}" "${OPTIONAL_MODULES[@]}"; do
    if ! modprobe -d "$tree" -S "$release" --show-depends "$module" >/dev/null 2>&1; then
      [[ " ${OPTIONAL_MODULES[*]} " == *" $module "* ]] && continue
      say "kernel $release has no module $module"
      rm -rf "$root"
      return 1
    fi
    files=$(module_files "$tree" "$release" "$module")
    for file in $files; do
      add_module "$file" "$root/lib/modules/$release"
    done
  done
  cp "$tree/lib/modules/$release"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$release/"
  depmod -b "$root" "$release"
  printf '%s\n' "${BOOT_MODULES[@]}" >"$root/boot-modules"
  # lz4: the quickest to unpack under emulation. -l: the legacy frame, the only one that the kernel reads.
  (cd "$root" && find . -print0 | cpio --null -o -H newc --quiet | lz4 -l -9 -c) >"$output"
  rm -rf "$root"
}

# add_module FILE DIRECTORY: puts it there unpacked, once: busybox reads no zstd, and the kernel unpacks the whole initramfs anyway.
add_module() {
  local name
  name=$(basename "$1")
  name=$2/${name%%.ko*}.ko
  [[ -e $name ]] && return
  case $1 in
    *.xz) xz -dc "$1" >"$name" ;;
    *.zst) zstd -dcq "$1" >"$name" ;;
    *.gz) gzip -dc "$1" >"$name" ;;
    *) cp "$1" "$name" ;;
  esac
}
