# shellcheck shell=bash
# What prepare.sh and run share: messages, exit codes, where the cache lies, and whether this host has rdma_rxe itself.

readonly EXIT_USAGE=2
readonly EXIT_CANNOT_RUN=77 # The code by which test harnesses (automake, meson) know a skip.

say() { printf 'softroce: %s\n' "$*" >&2; }

# fail CODE MESSAGE...: one line on stderr, then exit.
fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

usage_error() { fail "$EXIT_USAGE" "$* (see --help)"; }

# cannot_run REASON REMEDY: the environment lacks something; not a failure of what was to be run.
cannot_run() { fail "$EXIT_CANNOT_RUN" "cannot run here: $1. Remedy: $2"; }

# require_number OPTION VALUE MIN MAX
require_number() {
  if [[ ! $2 =~ ^(0|[1-9][0-9]{0,8})$ ]] || (($2 < $3 || $2 > $4)); then
    usage_error "$1 is '$2', expected a number from $3 to $4"
  fi
}

# require_one_of OPTION VALUE ALLOWED...
require_one_of() {
  local option=$1 value=$2 allowed
  shift 2
  for allowed; do
    [[ $value == "$allowed" ]] && return
  done
  usage_error "$option is '$value', expected one of: $*"
}

cache_directory() { printf '%s\n' "${RDMACC_SOFTROCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rdmacc-softroce}"; }

# The image link of one version of the scripts that make an image. Checkouts whose scripts differ share the cache and never each other's image.
# image_link SOFTROCE_DIR
image_link() {
  local scripts
  scripts=$(cat "$1/prepare.sh" "$1/lib/kernel.sh" "$1/lib/initramfs.sh" "$1/guest/init" | sha256sum | cut -c1-16)
  printf '%s/image-%s\n' "$(cache_directory)" "$scripts"
}

# host_has_rxe: can this machine make Soft-RoCE devices without a micro-VM? Sets why_not_native when it cannot.
# A look only: 'run' proves that traffic flows before it relies on it.
host_has_rxe() {
  why_not_native=
  if [[ $EUID -ne 0 ]]; then
    why_not_native="making rdma_rxe devices needs root"
  elif ! command -v rdma >/dev/null || ! command -v ip >/dev/null; then
    why_not_native="the tools 'ip' and 'rdma' (package iproute2) are missing"
  elif [[ ! -d /sys/module/rdma_rxe ]] && ! modprobe rdma_rxe 2>/dev/null; then
    why_not_native="kernel $(uname -r) has no module rdma_rxe"
  elif ! rdma link show >/dev/null 2>&1; then
    why_not_native="'rdma link show' fails"
  fi
  [[ -z $why_not_native ]]
}
