#!/usr/bin/env bash
# What a setting costs: `rdmacc perf all_reduce` of two ranks without it and with it, in turns; the median of the rounds' medians, and of the rounds' ratios with the least and the greatest.
#   perf/prices.sh TOOL TRANSPORT NAME=WITHOUT NAME=WITH [ROUNDS [CALLS]]
#   perf/prices.sh artifacts/bin/RdmaCollectives.Tool/release/rdmacc tcp RDMACC_ENCRYPT=off RDMACC_ENCRYPT=tcp
# Over verbs it is for two Soft-RoCE hosts: tests/softroce/run --hosts 2 --timeout 900 -- perf/prices.sh TOOL verbs RDMACC_MEMORY_WINDOWS=0 RDMACC_MEMORY_WINDOWS=1 5 10
set -euo pipefail

(($# >= 4)) || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here tool=$1 transport=$2 without=$3 with=$4 rounds=${5:-9} calls=${6:-40}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
readonly SIZES=(-b 8 -e 2M -f 512)

measure() { # ROUND SETTING
  local command=("$tool" perf all_reduce --ranks 2 --transport "$transport" "${SIZES[@]}" -n "$calls" -w 5 --in-place no --json -)
  if [[ $transport == verbs ]]; then
    command=("$tool" run -n 2 -- "$here/softroce/rank.sh" "$tool" perf all_reduce --transport verbs "${SIZES[@]}" -n "$calls" -w 2 --in-place no --json -)
  fi
  local lines
  lines=$(env "$2" "${command[@]}" 2>"$log") || { cat "$log" >&2 && return 1; }
  sed -nE "s/.*\"bytes\":([0-9]+),.*\"median\":([0-9.]+),.*\"wrong\":0[,}].*/$1 $2 \1 \2/p" <<<"$lines"
}

for ((round = 1; round <= rounds; round++)); do
  measure "$round" "$without"
  measure "$round" "$with"
done | awk -v without="$without" -v with="$with" '
  function sorted(values, n,  i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && values[j - 1] > values[j]; j--) { t = values[j]; values[j] = values[j - 1]; values[j - 1] = t } }
  function median(values, n) { sorted(values, n); return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2 }
  { time[$1, $2, $3] = $4; if (!($3 in seen)) { seen[$3] = 1; order[++sizes] = $3 } if ($1 > rounds) rounds = $1 }
  END {
    printf "| bytes | %s (us) | %s (us) | ratio |\n|---:|---:|---:|---:|\n", without, with
    for (s = 1; s <= sizes; s++) {
      n = 0
      for (r = 1; r <= rounds; r++) if ((r, without, order[s]) in time && (r, with, order[s]) in time) {
        n++; a[n] = time[r, without, order[s]]; b[n] = time[r, with, order[s]]; c[n] = b[n] / a[n]
      }
      if (n) { ratio = median(c, n); printf "| %d | %.2f | %.2f | %.2f (%.2f to %.2f) |\n", order[s], median(a, n), median(b, n), ratio, c[1], c[n] }
    }
    exit !sizes
  }'
