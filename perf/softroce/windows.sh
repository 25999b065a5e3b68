#!/usr/bin/env bash
# Calls between two Soft-RoCE hosts with and without output windows (docs/adr/0024-output-windows-over-verbs.md), in turns, on one machine in one run:
#   tests/softroce/run --hosts 2 --timeout 900 --out DIR -- perf/softroce/windows.sh TOOL [ROUNDS [CALLS]]
# Leaves in $OUT: COLLECTIVE-PUSH-ROUND.jsonl (lines as of `rdmacc perf --json`, PUSH being 0 or 1), and prints per collective and size the median of with / without, the least and the greatest.
# The numbers are those of a software device, mostly under emulation: only their ratio means something.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/softroce/guest/hosts.sh
. "${RDMACC_SOFTROCE_DIR:?is started by tests/softroce/run}/guest/hosts.sh"

readonly tool=$1 rounds=${2:-3} calls=${3:-20}

# run COLLECTIVE PUSH: two ranks, each on its own host.
run() {
  local before after
  before=$(packets rxe1r0)
  RDMACC_PUSH=$2 timeout 300 "$tool" run -n 2 -- "$here/rank.sh" "$tool" perf "$1" --transport verbs --buffers allocate --in-place no \
    -b 262144 -e 4194304 -f 4 -n "$calls" -w 2 --json "$OUT/$1-$2-$round.jsonl" >"$OUT/ours.log" 2>&1 || { cat "$OUT/ours.log" >&2 && return 1; }
  after=$(packets rxe1r0)
  [[ $before != "$after" ]] || { echo "windows.sh: rxe1r0 sent nothing during $1" >&2 && return 1; }
}

ratios=$OUT/ratios.tsv
: >"$ratios"
for ((round = 1; round <= rounds; round++)); do
  echo "round $round of $rounds" >&2
  for collective in all_reduce all_gather; do
    for push in $((round % 2)) $((1 - round % 2)); do
      run "$collective" "$push"
    done
    paste <(sed -n 's/.*"bytes":\([0-9]*\).*"median":\([0-9.]*\).*/\1 \2/p' "$OUT/$collective-1-$round.jsonl") \
      <(sed -n 's/.*"bytes":\([0-9]*\).*"median":\([0-9.]*\).*/\1 \2/p' "$OUT/$collective-0-$round.jsonl") |
      awk -v collective="$collective" '$1 == $3 { print collective, $1, $2 / $4 }' >>"$ratios"
  done
done

sort -k1,1 -k2,2n -k3,3n "$ratios" | awk '
  function tell() { if (n) printf "%s %d bytes: %.2f (%.2f to %.2f)\n", name, bytes, v[int((n + 1) / 2)], v[1], v[n] }
  $1 != name || $2 != bytes { tell(); n = 0 }
  { name = $1; bytes = $2; v[++n] = $3 }
  END { tell(); exit !n }'
