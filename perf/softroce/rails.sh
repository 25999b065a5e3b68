#!/usr/bin/env bash
# Measures what a second rail gives: all-reduce of two Soft-RoCE hosts over one and over two devices, in turns, where a token bucket on each link is the narrowest place:
#   tests/softroce/run --hosts 2 --rails 2 --timeout 1800 --out DIR -- perf/softroce/rails.sh TOOL [PAIRS [RATE]]
# Leaves in $OUT: rails.tsv (pair, rails, bytes, us, GB/s of the bus) and rails.md, the table, which it prints too. Only the ratio means something.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/softroce/guest/hosts.sh
. "${RDMACC_SOFTROCE_DIR:?is started by tests/softroce/run}/guest/hosts.sh"

readonly tool=$1 pairs=${2:-10} rate=${3:-60mbit}
readonly SIZES=(1048576 4194304)

# all_reduce PAIR RAILS: appends a line per size.
all_reduce() {
  local json=$OUT/all-reduce.jsonl
  rm -f "$json"
  RAILS=$2 timeout 300 "$tool" run -n 2 -- "$here/rank.sh" "$tool" perf all_reduce --transport verbs -b "${SIZES[0]}" -e "${SIZES[-1]}" -f 4 -n 5 -w 2 \
    --in-place no --buffers allocate --json "$json" >"$OUT/ours.log" 2>&1 || { cat "$OUT/ours.log" >&2 && return 1; }
  sed -E "s/.*\"bytes\":([0-9]+),.*\"median\":([0-9.]+),.*\"busbwGBps\":([0-9.]+),.*/$1\t$2\t\1\t\2\t\3/" "$json" >>"$OUT/rails.tsv"
}

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

for host in 1 2; do
  for rail in 0 1; do
    limit "$host" "$rail" "$rate"
  done
done
: >"$OUT/rails.tsv"
for ((pair = 1; pair <= pairs; pair++)); do
  echo "pair $pair of $pairs" >&2
  all_reduce "$pair" 1
  all_reduce "$pair" 2
done
{
  echo "| bytes | one rail, ms | two rails, ms | times as fast, median (least to most) |"
  echo "|---:|---:|---:|---:|"
  for bytes in "${SIZES[@]}"; do
    ratios=$(awk -v bytes="$bytes" '$3 == bytes { t[$1, $2] = $4; if ($1 > n) n = $1 } END { for (i = 1; i <= n; i++) print t[i, 1] / t[i, 2] }' "$OUT/rails.tsv")
    one=$(awk -v bytes="$bytes" '$3 == bytes && $2 == 1 { print $4 / 1000 }' "$OUT/rails.tsv" | median)
    two=$(awk -v bytes="$bytes" '$3 == bytes && $2 == 2 { print $4 / 1000 }' "$OUT/rails.tsv" | median)
    printf '| %s | %.1f | %.1f | %.2f (%.2f to %.2f) |\n' "$bytes" "$one" "$two" "$(median <<<"$ratios")" "$(sort -g <<<"$ratios" | head -n 1)" "$(sort -g <<<"$ratios" | tail -n 1)"
  done
  echo
  echo "$pairs pairs, $rate on each link, Linux $(uname -r)."
} | tee "$OUT/rails.md"
