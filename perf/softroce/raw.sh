#!/usr/bin/env bash
# Measures perftest and `rdmacc perf` of the same test between two Soft-RoCE hosts, in turns (A B, then B A), with the same sizes, iterations, depth and MTU, on one machine in one run:
#   tests/softroce/run --hosts 2 --timeout 3600 --out DIR -- perf/softroce/raw.sh TOOL [PAIRS]
# Leaves in $OUT: raw.tsv (pair, case, theirs, ours) and raw.md, the table, which it prints too: the medians, and the median of the ratios of the pairs with its 95% interval
# (bootstrap, fixed seed). The numbers are those of a software device, mostly under emulation: only their ratio means something.
set -euo pipefail

# shellcheck source=tests/softroce/guest/hosts.sh
. "${RDMACC_SOFTROCE_DIR:?is started by tests/softroce/run}/guest/hosts.sh"

readonly tool=$1 pairs=${2:-5}
readonly DEADLINE_SECONDS=120
# Test, bytes, iterations, depth. Depth 16: with 128 writes of 64 KiB under way rxe (6.1) at times answers one with "invalid request" (status 9), to ib_write_bw as well. perftest does not know rxe and sends nothing inline on it (-I 0); both ends of ours are told so.
readonly CASES=(
  "write_bw 65536 500 16"
  "write_bw 1048576 40 16"
  "write_bw 8 5000 16"
  "write_lat 8 2000 1"
  "send_lat 8 2000 1"
  "read_bw 65536 500 16"
  "atomic_lat 8 2000 1"
)
port=18600

# options TEST BYTES ITERATIONS DEPTH: what both programs take.
options() {
  both=(-x "$(gid_index rxe1r0)" -m 4096 -n "$3" -p "$port")
  [[ $1 == atomic_* ]] || both+=(-s "$2")
  [[ $1 != *_bw ]] || both+=(-t "$4")
  inline=()
  [[ $1 != write_* && $1 != send_* ]] || inline=(-I 0)
}

# figure LOG BYTES TEST: the average bandwidth (MiB/s) or typical latency (us) of a client's table. The columns of both programs are the same.
figure() {
  local column=4
  [[ $3 == *_bw ]] || column=5
  awk -v bytes="$2" -v column="$column" '$1 == bytes && NF >= 5 { print $column; found = 1 } END { exit !found }' "$1"
}

# theirs CASE...: ib_TEST from host 1 to host 2. The client is started again until the server listens; where both began and then failed, both are, and $OUT/theirs-failed.log keeps what they said.
theirs() {
  local server log=$OUT/theirs.log both inline try began
  options "$@"
  for try in 1 2 3; do
    timeout "$DEADLINE_SECONDS" "ib_$1" -d rxe2r0 "${both[@]}" -F >"$OUT/theirs-server.log" 2>&1 &
    server=$!
    began=$SECONDS
    while ((SECONDS - began < DEADLINE_SECONDS)); do
      if timeout "$DEADLINE_SECONDS" "ib_$1" -d rxe1r0 "${both[@]}" -F 127.0.0.1 >"$log" 2>&1; then
        wait "$server" && figure "$log" "$2" "$1" && return
        break
      fi
      cat "$log" >>"$OUT/theirs-failed.log"
      kill -0 "$server" 2>/dev/null || break
      sleep 0.1
    done
    kill "$server" 2>/dev/null || true
    wait "$server" || true
    cat "$OUT/theirs-server.log" >>"$OUT/theirs-failed.log"
    echo "raw.sh: ib_$1 failed, try $try of 3" >&2
  done
  cat "$log" "$OUT/theirs-server.log" >&2
  return 1
}

# ours CASE...: the same by the tool, whose client waits for the server by itself.
ours() {
  local server log=$OUT/ours.log both inline
  options "$@"
  timeout "$DEADLINE_SECONDS" "$tool" perf "$1" -d rxe2r0 "${both[@]}" "${inline[@]}" >"$OUT/ours-server.log" 2>&1 &
  server=$!
  if ! timeout "$DEADLINE_SECONDS" "$tool" perf "$1" 127.0.0.1 -d rxe1r0 "${both[@]}" "${inline[@]}" --timeout 60 >"$log" 2>&1; then
    kill "$server" 2>/dev/null || true
    cat "$log" "$OUT/ours-server.log" >&2
    return 1
  fi
  wait "$server"
  figure "$log" "$2" "$1"
}

# table: from raw.tsv. The bootstrap takes as many ratios as there are, with replacement, 2000 times; the interval lies between the 50th and the 1950th of the sorted medians.
table() {
  echo "| test | bytes | iterations | depth | unit | perftest | ours | ratio (95%) |"
  echo "|---|---:|---:|---:|---|---:|---:|---:|"
  local one
  for one in "${CASES[@]}"; do
    awk -F '\t' -v one="$one" '
      function sort(values, count,   i, j, v) { for (i = 2; i <= count; i++) { v = values[i]; for (j = i - 1; j > 0 && values[j] > v; j--) values[j + 1] = values[j]; values[j + 1] = v } }
      function median(values, count) { sort(values, count); return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2 }
      $2 == one { n++; theirs[n] = $3; ours[n] = $4; ratios[n] = $4 / $3 }
      END {
        if (!n) exit
        srand(1)
        for (round = 1; round <= 2000; round++) { for (i = 1; i <= n; i++) drawn[i] = ratios[1 + int(rand() * n)]; medians[round] = median(drawn, n) }
        sort(medians, 2000)
        split(one, field, " ")
        printf "| `%s` | %s | %s | %s | %s | %.2f | %.2f | %.2f (%.2f to %.2f) |\n", field[1], field[2], field[3], field[4],
          field[1] ~ /_bw$/ ? "MiB/s" : "us", median(theirs, n), median(ours, n), median(ratios, n), medians[50], medians[1950]
      }' "$OUT/raw.tsv"
  done
  echo
  echo "$pairs pairs, Linux $(uname -r). Bandwidth: a ratio above 1 means that ours was the faster; latency: one below 1."
}

: >"$OUT/raw.tsv"
for ((pair = 1; pair <= pairs; pair++)); do
  echo "pair $pair of $pairs" >&2
  for one in "${CASES[@]}"; do
    read -ra words <<<"$one"
    port=$((port + 1))
    if ((pair % 2)); then
      a=$(theirs "${words[@]}")
      b=$(ours "${words[@]}")
    else
      b=$(ours "${words[@]}")
      a=$(theirs "${words[@]}")
    fi
    printf '%s\t%s\t%s\t%s\n' "$pair" "$one" "$a" "$b" >>"$OUT/raw.tsv"
  done
done
table | tee "$OUT/raw.md"
