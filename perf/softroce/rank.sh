#!/usr/bin/env bash
# Starts one rank of `rdmacc run` as if on a Soft-RoCE host of its own: rank 0 on host 1, rank 1 on host 2. With RAILS=2 it has two devices.
set -euo pipefail
host=$((RDMACC_RANK + 1))
devices=rxe${host}r0
for ((rail = 1; rail < ${RAILS:-1}; rail++)); do
  devices+=,rxe${host}r$rail
done
export RDMACC_HOST_ID=host$host RDMACC_DEVICE=$devices
exec "$@"
