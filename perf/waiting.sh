#!/usr/bin/env bash
# What waiting costs in each mode, in turns: perf/waiting.sh [ROUNDS [RANKS]], over shared memory and TCP; and over verbs, between two Soft-RoCE hosts:
#   tests/softroce/run --hosts 2 --timeout 600 -- perf/waiting.sh 2
# A line per transport, mode and round, of rank 1, which waits for rank 0. Needs ./build.sh first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-3} ranks=${2:-2}
launcher=artifacts/bin/RdmaCollectives.Tool/release/rdmacc
program=(artifacts/bin/RdmaCollectives.Benchmarks/release/RdmaCollectives.Benchmarks --waiting)
for ((round = 0; round < rounds; round++)); do
  for mode in busy adaptive event; do
    [[ $mode != busy ]] || ((ranks <= $(nproc))) || continue # without a processor for each rank every call waits for time slices
    export RDMACC_WAIT=$mode
    if [[ -n ${RDMACC_SOFTROCE_DIR:-} ]]; then
      "$launcher" run -n 2 --transport verbs --no-prefix -- perf/softroce/rank.sh "${program[@]}"
      continue
    fi
    for transport in shm tcp; do
      "$launcher" run -n "$ranks" $( ((ranks > $(nproc))) || echo --bind core) --transport "$transport" --no-prefix -- "${program[@]}"
    done
  done
done | sort -s -k 1,2
