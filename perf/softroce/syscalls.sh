#!/usr/bin/env bash
# Counts the system calls of a small all-reduce between two Soft-RoCE hosts: a rank under strace, by the difference between a run of many calls and one of few.
#   tests/softroce/run --hosts 2 --timeout 600 --out DIR -- perf/softroce/syscalls.sh TOOL [BYTES [CALLS [OPTION...]]]
# Prints the calls of rank 0 for each all-reduce, waiting by looking without end (RDMACC_WAIT=busy), so that none of them is for sleeping. What does not depend on the machine's speed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly tool=$1 bytes=${2:-8} calls=${3:-2000}
shift $(($# < 3 ? $# : 3))
export RDMACC_WAIT=busy here tool bytes

# count CALLS OPTION...: lines "name count", and "calls" with how many all-reduces there were.
count() {
  local n=$1
  shift
  rm -f "$OUT"/strace-*
  timeout 280 "$tool" run -n 2 -- bash -c 'trace=(); [[ $RDMACC_RANK != 0 ]] || trace=(strace -f -c -U name,calls -o "$OUT/strace-0"); exec "$here/rank.sh" "${trace[@]}" "$tool" "$@"' rank \
    perf all_reduce --transport verbs -b "$bytes" -e "$bytes" -n "$n" -w 1 -c 0 --in-place no --json "$OUT/calls.json" "$@" >"$OUT/syscalls.log" 2>&1 || { cat "$OUT/syscalls.log" >&2 && return 1; }
  awk 'NF == 2 && $2 ~ /^[0-9]+$/ && $1 != "total" { print $1, $2 }' "$OUT/strace-0"
  sed -nE 's/.*"warmups":([0-9]+).*/calls \1/p' "$OUT/calls.json" | awk -v n="$n" '{ print $1, $2 + n }'
}

count 10 "$@" >"$OUT/few"
count "$calls" "$@" >"$OUT/many"
awk -v bytes="$bytes" '
  NR == FNR { few[$1] = $2; next }
  { many[$1] = $2 }
  END {
    n = many["calls"] - few["calls"]
    printf "%d B, %d all-reduces of 2 ranks, system calls of rank 0 for each:\n", bytes, n
    for (name in many) if (name != "calls" && (many[name] - few[name]) / n >= 0.005) printf "%-14s %.2f\n", name, (many[name] - few[name]) / n
  }' "$OUT/few" "$OUT/many"
