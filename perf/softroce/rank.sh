#!/usr/bin/env bash
# Starts one rank of `rdmacc run` as if on a Soft-RoCE host of its own: rank 0 on host 1, rank 1 on host 2.
set -euo pipefail
host=$((RDMACC_RANK + 1))
export RDMACC_HOST_ID=host$host RDMACC_DEVICE=rxe${host}r0
exec "$@"
