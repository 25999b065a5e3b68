#!/usr/bin/env bash
# Measures between two Soft-RoCE hosts, in turns, on one machine in one run: ib_write_bw, the same writes and additions as our all-reduce without a library (perf/raw), and our all-reduce:
#   make -C perf/raw && tests/softroce/run --hosts 2 --out DIR -- perf/softroce/compare.sh TOOL RAW [ROUNDS [CALLS]]
# Leaves in $OUT: perftest.tsv (round, program, bytes, GB/s per direction), raw-WHICH-ROUND.jsonl and ours-WHICH-ROUND.jsonl (lines as of `rdmacc perf --json`).
# RdmaCollectives.Peers makes the table of it. The numbers are those of a software device, mostly under emulation: only their ratio means something.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/softroce/guest/hosts.sh
. "${RDMACC_SOFTROCE_DIR:?is started by tests/softroce/run}/guest/hosts.sh"

readonly tool=$1 raw=$2 rounds=${3:-5} calls=${4:-20}
readonly SIZES=(65536 1048576) BYTES_PER_TEST=$((16 << 20)) DEADLINE_SECONDS=60
readonly SMALL=(-b 8 -e 8 -n $((20 * calls)) -w 5) LARGE=(-b 65536 -e 4194304 -f 4 -n "$calls" -w 2)
port=18600

# perftest NAME BYTES [OPTION...]: ib_write_bw from host 1 to host 2. The client is started again until the server listens.
perftest() {
  local name=$1 bytes=$2 server deadline=$((SECONDS + DEADLINE_SECONDS)) directions=1 log=$OUT/ib_write_bw.log
  [[ ${3:-} != -b ]] || directions=2
  port=$((port + 1))
  local options=(-x "$(gid_index rxe1r0)" -m 4096 -s "$bytes" -n "$((BYTES_PER_TEST / bytes))" -F -p "$port" "${@:3}")
  timeout "$DEADLINE_SECONDS" ib_write_bw -d rxe2r0 "${options[@]}" >"$OUT/ib_write_bw-server.log" 2>&1 &
  server=$!
  until timeout "$DEADLINE_SECONDS" ib_write_bw -d rxe1r0 "${options[@]}" 127.0.0.1 >"$log" 2>&1; do
    if ((SECONDS >= deadline)); then
      kill "$server" 2>/dev/null || true
      cat "$log" >&2
      return 1
    fi
    sleep 0.2
  done
  wait "$server"
  # Its row: bytes, iterations, peak, average (in MiB/s, both directions together), message rate.
  awk -v round="$round" -v name="$name" -v bytes="$bytes" -v directions="$directions" -v OFS='\t' \
    '$1 == bytes && NF == 5 { print round, name, bytes, $4 * 1048576 / 1e9 / directions; found = 1 } END { exit !found }' "$log" >>"$OUT/perftest.tsv"
}

# raw WHICH OPTION...: both ranks of perf/raw.
raw() {
  local which=$1 other
  shift
  port=$((port + 1))
  local options=(-a "$which" -g "$(gid_index rxe1r0)" -p "$port" "$@")
  timeout 120 "$raw" "${options[@]}" -r 1 -d rxe2r0 >/dev/null 2>"$OUT/raw.log" &
  other=$!
  timeout 120 "$raw" "${options[@]}" -r 0 -d rxe1r0 >"$OUT/raw-$which-$round.jsonl" || { cat "$OUT/raw.log" >&2 && return 1; }
  wait "$other"
}

# all_reduce WHICH BUFFERS OPTION...: two ranks, each on its own host. They share a kernel, so they are told that their hosts differ.
all_reduce() {
  local before after which=$1 buffers=$2
  shift 2
  before=$(packets rxe1r0)
  timeout 300 "$tool" run -n 2 -- "$here/rank.sh" "$tool" perf all_reduce --transport verbs "$@" \
    --in-place no --buffers "$buffers" --json "$OUT/ours-$which-$round.jsonl" >"$OUT/ours.log" 2>&1 || { cat "$OUT/ours.log" >&2 && return 1; }
  after=$(packets rxe1r0)
  [[ $before != "$after" ]] || { echo "compare.sh: rxe1r0 sent nothing during the all-reduce" >&2 && return 1; }
}

: >"$OUT/perftest.tsv"
for ((round = 1; round <= rounds; round++)); do
  echo "round $round of $rounds" >&2
  for bytes in "${SIZES[@]}"; do
    perftest ib_write_bw "$bytes"
    perftest "ib_write_bw -b" "$bytes" -b
  done
  raw exchange "${SMALL[@]}"
  all_reduce small allocate "${SMALL[@]}"
  raw ring "${LARGE[@]}"
  all_reduce allocate allocate "${LARGE[@]}"
  all_reduce array array "${LARGE[@]}"
done
uname -r >"$OUT/kernel.txt"
