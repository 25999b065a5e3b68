#!/usr/bin/env bash
# Measures what a rail that fails costs the call that is under way: all-reduce of two Soft-RoCE hosts with two rails each, while one rail of host 1 goes and comes back:
#   tests/softroce/run --hosts 2 --rails 2 --timeout 1800 --out DIR -- perf/softroce/failover.sh TOOL [ROUNDS]
# A round is three runs: nothing happens; a cable is pulled (link_down: the port goes down); a rail loses everything while its ports stay up. Leaves in $OUT: failover.tsv (round, what, median and longest call in ms,
# wrong elements), the log of each run, and failover.md, the table, which it prints too.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/softroce/guest/hosts.sh
. "${RDMACC_SOFTROCE_DIR:?is started by tests/softroce/run}/guest/hosts.sh"

readonly tool=$1 rounds=${2:-5}
readonly counter=/sys/class/infiniband/rxe1r1/ports/1/hw_counters/sent_pkts

# await_traffic PACKETS: until rail 1 has carried so many more, which is soon after the ranks have started; two minutes at most.
await_traffic() {
  local least=$(($(<"$counter") + $1)) deadline=$((SECONDS + 120))
  until (($(<"$counter") >= least)); do
    if ((SECONDS >= deadline)); then
      echo "failover.sh: no traffic on rail 1" >&2
      return 1
    fi
    sleep 0.1
  done
}

# fail WHAT, while the calls run
fail() {
  await_traffic 2000
  case $1 in
    nothing) ;;
    cable) link_down 1 1 && sleep 3 && link_up 1 1 ;;
    silence) loss 1 1 100% && loss 2 1 100% && sleep 8 && heal 1 1 && heal 2 1 ;;
  esac
}

# run ROUND WHAT CALLS
run() {
  local json=$OUT/$2-$1.json log=$OUT/$2-$1.log failing
  rm -f "$json"
  fail "$2" &
  failing=$!
  RAILS=2 RDMACC_SPIN=0 timeout 300 "$tool" run -n 2 -- "$here/rank.sh" "$tool" perf all_reduce --verbose --transport verbs -b 1M -e 1M -n "$3" -w 2 --in-place no --json "$json" >"$log" 2>&1 ||
    { cat "$log" >&2 && return 1; }
  wait "$failing"
  sed -E "s/.*\"median\":([0-9.]+),.*\"max\":([0-9.]+).*\"wrong\":([0-9]+).*/$1 $2 \1 \2 \3/" "$json" | awk '{ printf "%s\t%s\t%.1f\t%.1f\t%s\n", $1, $2, $3 / 1000, $4 / 1000, $5 }' >>"$OUT/failover.tsv"
  if [[ $2 != nothing ]] && ! grep -q "goes on over rxe1r0" "$log"; then
    echo "failover.sh: nothing was moved in $log" >&2
    return 1
  fi
}

: >"$OUT/failover.tsv"
for ((round = 1; round <= rounds; round++)); do
  echo "round $round of $rounds" >&2
  run "$round" nothing 150
  run "$round" cable 400
  run "$round" silence 700
done
{
  echo "| rail 1 of host 1 | median call, ms | longest call, ms: median of the rounds (least to most) | wrong |"
  echo "|---|---:|---:|---:|"
  for what in nothing cable silence; do
    awk -F '\t' -v what="$what" '$2 == what { print $3 }' "$OUT/failover.tsv" | sort -g >"$OUT/medians"
    awk -F '\t' -v what="$what" '$2 == what { print $4 }' "$OUT/failover.tsv" | sort -g >"$OUT/longest"
    wrong=$(awk -F '\t' -v what="$what" '$2 == what { n += $5 } END { print n }' "$OUT/failover.tsv")
    middle=$((rounds / 2 + 1))
    case $what in
      nothing) words="stays" ;;
      cable) words="is pulled for 3 s" ;;
      silence) words="loses everything for 8 s, its port stays up" ;;
    esac
    printf '| %s | %s | %s (%s to %s) | %s |\n' "$words" "$(sed -n "${middle}p" "$OUT/medians")" "$(sed -n "${middle}p" "$OUT/longest")" "$(head -n 1 "$OUT/longest")" "$(tail -n 1 "$OUT/longest")" "$wrong"
  done
  echo
  echo "$rounds rounds, 1 MiB, Linux $(uname -r)."
} | tee "$OUT/failover.md"
