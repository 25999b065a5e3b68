#!/usr/bin/env bash
# How long a world of 1, 2, 4 and 8 local ranks takes to come up, with the library compiled ahead of time and without, in turns: perf/start-up.sh [rounds].
# From the last rank's begin of Main to the last rank's communicator; medians, and the least and the most, in milliseconds. Needs ./build.sh first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-15}
launcher=artifacts/bin/RdmaCollectives.Tool/release/rdmacc
declare -A program=(
  [ahead]=artifacts/bin/RdmaCollectives.Benchmarks/release/RdmaCollectives.Benchmarks
  [jit]=artifacts/start-up/bin/RdmaCollectives.Benchmarks/release/RdmaCollectives.Benchmarks)
dotnet build perf/RdmaCollectives.Benchmarks -c Release -v quiet -p:Precompile=false -p:ArtifactsPath="$PWD/artifacts/start-up/" >/dev/null
dotnet build perf/RdmaCollectives.Benchmarks -c Release -v quiet >/dev/null

export DOTNET_TieredCompilation=1 # as programs are built that say nothing about it; the benchmarks' own switch it off
times=$(mktemp)
trap 'rm -f "$times"' EXIT
for ((round = 0; round < rounds; round++)); do
  for ranks in 1 2 4 8; do
    for how in jit ahead; do
      "$launcher" run -n "$ranks" --no-prefix -- "${program[$how]}" --start-up | awk -v how="$how" '$1 == "ranks" { print how, $2, $4, $12 }' >>"$times"
    done
  done
done
for ranks in 1 2 4 8; do
  for how in jit ahead; do
    for column in 3 4; do
      awk -v how="$how" -v ranks="$ranks" -v column="$column" '$1 == how && $2 == ranks { print $column }' "$times" | sort -n |
        awk -v how="$how" -v ranks="$ranks" -v what="$([[ $column == 3 ]] && echo world || echo split)" '{ t[NR] = $1 } END { printf "%d ranks, %-5s %s: %6.1f (%.1f to %.1f)\n", ranks, how, what, t[int((NR + 1) / 2)], t[1], t[NR] }'
    done
  done
done
