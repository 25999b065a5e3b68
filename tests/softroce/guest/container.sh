#!/usr/bin/env bash
# Runs a command in an OCI container (crun) that was given the Soft-RoCE devices of one host, or one device of it, and no other.
# Needs root and hosts made by hosts.sh: run it by tests/softroce/run.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: container.sh (--host H | --device rxe<h>r<r>) [--env NAME=VALUE]... -- COMMAND [ARGS...]

The container has:
  devices      /dev/infiniband/uverbsN of the host's (or of the one) device, and /dev/infiniband/rdma_cm; nothing else of RDMA can be
               opened, not even by a node that the container makes itself (device cgroup)
  file system  this machine's, with a layer of its own for what it writes; $OUT is shared when it is set
  network      this machine's: rxe takes addresses of the initial network namespace only
  namespaces   its own: pid, mount, ipc, uts, cgroup
  limits       locked memory unlimited, as 'docker run --ulimit memlock=-1' gives
The command starts in the current directory with PATH, HOME, OUT and every RDMACC_*, DOTNET_* variable of the caller.
Exit status: the command's; 2 wrong usage; 77 no such device or no crun.
TEXT
}

complain() {
  echo "container.sh: $2" >&2
  exit "$1"
}

host='' device='' variables=()
while (($#)); do
  case $1 in
    -h | --help) usage && exit ;;
    --) shift && break ;;
    --host) host=${2:?--host needs a number} && shift 2 ;;
    --device) device=${2:?--device needs a name} && shift 2 ;;
    --env) variables+=("${2:?--env needs NAME=VALUE}") && shift 2 ;;
    *) complain 2 "unknown argument '$1' (see --help)" ;;
  esac
done
[[ -n $host || -n $device ]] || complain 2 "--host or --device is required"
(($#)) || complain 2 "no COMMAND after --"
command -v crun >/dev/null || complain 77 "crun is missing: apt-get install crun"

modprobe rdma_ucm 2>/dev/null || true

# grant NODE SYSFS: adds a character device to the container; SYSFS/dev holds its numbers.
devices='' rules=''
grant() {
  local number
  number=$(<"$2/dev")
  number="\"type\": \"c\", \"major\": ${number%:*}, \"minor\": ${number#*:}"
  devices+="${devices:+, }{\"path\": \"$1\", $number, \"fileMode\": 438, \"uid\": 0, \"gid\": 0}"
  rules+=", {\"allow\": true, $number, \"access\": \"rw\"}"
}

for path in /sys/class/infiniband_verbs/uverbs*; do
  [[ -e $path/ibdev ]] || continue
  name=$(<"$path/ibdev")
  if [[ $name == "$device" || (-n $host && $name == rxe${host}r*) ]]; then
    grant "/dev/infiniband/${path##*/}" "$path"
  fi
done
[[ -n $devices ]] || complain 77 "there is no device ${device:-of host $host}; there are: $(ls /sys/class/infiniband)"
[[ ! -e /sys/class/misc/rdma_cm ]] || grant /dev/infiniband/rdma_cm /sys/class/misc/rdma_cm

for name in PATH HOME OUT LANG $(compgen -e | grep -E '^(RDMACC|DOTNET)_'); do
  [[ -z ${!name:-} ]] || variables=("$name=${!name}" "${variables[@]}")
done

bundle=$(mktemp -d /run/softroce-container.XXXXXX)
# shellcheck disable=SC2317 # Called by the trap.
clean_up() {
  umount "$bundle/rootfs" "$bundle/layer" 2>/dev/null || true
  rm -rf "$bundle"
}
trap clean_up EXIT
mkdir "$bundle"/{layer,rootfs}
mount -t tmpfs layer "$bundle/layer"
mkdir "$bundle"/layer/{upper,work}
mount -t overlay -o "lowerdir=/,upperdir=$bundle/layer/upper,workdir=$bundle/layer/work" container "$bundle/rootfs"

# json STRING...: a JSON array of the strings.
json() {
  local string array=''
  for string; do
    string=${string//\\/\\\\}
    string=${string//\"/\\\"}
    string=${string//$'\n'/\\n}
    string=${string//$'\r'/\\r}
    string=${string//$'\t'/\\t}
    [[ $string != *[[:cntrl:]]* ]] || complain 2 "control characters in an argument or variable"
    array+="${array:+, }\"$string\""
  done
  printf '[%s]' "$array"
}

directory=$(json "$PWD")
out_mount=''
if [[ -n ${OUT:-} ]]; then
  destination=$(json "$OUT")
  out_mount=", {\"destination\": ${destination:1:-1}, \"type\": \"bind\", \"source\": ${destination:1:-1}, \"options\": [\"rbind\", \"rw\"]}"
fi
# What docker and podman give by default. MKNOD is among it, and still no other device can be opened: the device cgroup refuses.
capabilities=$(json CAP_{CHOWN,DAC_OVERRIDE,FSETID,FOWNER,MKNOD,NET_RAW,SETGID,SETUID,SETFCAP,SETPCAP,NET_BIND_SERVICE,SYS_CHROOT,KILL,AUDIT_WRITE})

cat >"$bundle/config.json" <<JSON
{
  "ociVersion": "1.0.0",
  "root": {"path": "rootfs", "readonly": false},
  "hostname": "container",
  "process": {
    "terminal": false,
    "cwd": ${directory:1:-1},
    "args": $(json "$@"),
    "env": $(json "${variables[@]}"),
    "capabilities": {"bounding": $capabilities, "effective": $capabilities, "permitted": $capabilities},
    "rlimits": [{"type": "RLIMIT_MEMLOCK", "hard": 18446744073709551615, "soft": 18446744073709551615}],
    "noNewPrivileges": true
  },
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777"]}$out_mount
  ],
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}, {"type": "cgroup"}],
    "devices": [$devices],
    "resources": {"devices": [{"allow": false, "access": "rwm"}$rules]}
  }
}
JSON

status=0
crun --cgroup-manager=cgroupfs run --bundle "$bundle" "$(basename "$bundle")" || status=$?
exit "$status"
