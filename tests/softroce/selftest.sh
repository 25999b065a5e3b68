#!/usr/bin/env bash
# Proves the test bed itself with the field's own tools, before anything of ours runs on it:
#   tests/softroce/run --hosts 2 --rails 2 -- tests/softroce/selftest.sh
# Ends with "N passed, N failed, N skipped"; exit status 1 if something failed.
set -uo pipefail

tools=${RDMACC_SOFTROCE_DIR:?is started by tests/softroce/run}/guest
# shellcheck source=tests/softroce/guest/hosts.sh
. "$tools/hosts.sh"
if ((RDMACC_SOFTROCE_HOSTS < 2 || RDMACC_SOFTROCE_RAILS < 2)); then
  echo "selftest.sh needs --hosts 2 --rails 2" >&2
  exit 2
fi

readonly DEADLINE_SECONDS=60 # For anything that waits for a peer: generous, emulation on a busy machine is slow.
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
passed=0 failed=0 skipped=0
port=18515

# check NAME FUNCTION: runs it; what it said is shown when it fails. Status 77 is a skip, the last line its reason.
check() {
  local status=0 started=$EPOCHREALTIME
  "$2" >"$log/check" 2>&1 || status=$?
  local milliseconds=$(((${EPOCHREALTIME/./} - ${started/./}) / 1000))
  case $status in
    0) passed=$((passed + 1)) && printf 'passed   %s (%d ms)\n' "$1" "$milliseconds" ;;
    77) skipped=$((skipped + 1)) && printf 'skipped  %s: %s\n' "$1" "$(tail -n 1 "$log/check")" ;;
    *)
      failed=$((failed + 1))
      printf 'FAILED   %s (%d ms)\n' "$1" "$milliseconds"
      sed 's/^/         | /' "$log/check"
      ;;
  esac
}

# between SERVER... WITH CLIENT...: runs both ends of a measuring program. The client is started again until its server listens:
# under emulation no fixed pause is long enough.
between() {
  local server=() client server_pid status deadline=$((SECONDS + DEADLINE_SECONDS))
  while [[ $1 != WITH ]]; do
    server+=("$1")
    shift
  done
  shift
  client=("$@")
  timeout "$DEADLINE_SECONDS" "${server[@]}" >"$log/server" 2>&1 &
  server_pid=$!
  until timeout "$DEADLINE_SECONDS" "${client[@]}" >"$log/client" 2>&1; do
    if ((SECONDS >= deadline)) || ! kill -0 "$server_pid" 2>/dev/null; then
      kill "$server_pid" 2>/dev/null
      echo "client: ${client[*]}"
      cat "$log/client"
      echo "server: ${server[*]}"
      cat "$log/server"
      return 1
    fi
    sleep 0.2
  done
  wait "$server_pid"
  status=$?
  ((status == 0)) || cat "$log/server"
  return "$status"
}

# sent DEVICE, received DEVICE: packets so far.
sent() { packets "$1" | sed 's/sent=\([0-9]*\) .*/\1/'; }
received() { packets "$1" | sed 's/.*received=//'; }

# expect WHAT ACTUAL EXPECTED
expect() {
  [[ $2 == "$3" ]] || { echo "$1: got '$2', expected '$3'" && return 1; }
}

devices_of() { awk 'NR > 2 {print $1}' | sort | tr '\n' ' '; }

readonly WRITES=40 WRITE_BYTES=65536 PATH_MTU=4096

every_host_has_its_devices() {
  local listed wanted='' host rail
  for ((host = 1; host <= RDMACC_SOFTROCE_HOSTS; host++)); do
    for ((rail = 0; rail < RDMACC_SOFTROCE_RAILS; rail++)); do
      wanted+="rxe${host}r$rail "
      expect "port of rxe${host}r$rail" "$(port_state "rxe${host}r$rail")" ACTIVE || return
    done
  done
  listed=$(ibv_devices | grep -E 'rxe|device|---' | devices_of)
  expect "ibv_devices" "$listed" "$wanted"
}

gid_is_the_address() {
  local index gid
  index=$(gid_index rxe2r1) && read -r gid <"/sys/class/infiniband/rxe2r1/ports/1/gids/$index"
  expect "GID of 10.88.1.2" "$gid" 0000:0000:0000:0000:0000:ffff:0a58:0102
}

# write_between DEVICE DEVICE [PREFIX...]: RDMA writes from the first to the second.
write_between() {
  port=$((port + 1))
  local options=(-x "$(gid_index "$1")" -m "$PATH_MTU" -s "$WRITE_BYTES" -n "$WRITES" -F -p "$port")
  between ib_write_bw -d "$2" "${options[@]}" WITH ib_write_bw -d "$1" "${options[@]}" 127.0.0.1
}

writes_go_over_the_devices() {
  local sent_before received_before other_before least=$((WRITES * WRITE_BYTES / PATH_MTU))
  sent_before=$(sent rxe1r0) received_before=$(received rxe2r0) other_before=$(sent rxe1r1)
  write_between rxe1r0 rxe2r0 || return
  echo "rxe1r0 sent $(($(sent rxe1r0) - sent_before)), rxe2r0 received $(($(received rxe2r0) - received_before)) packets, expected $least or more each"
  (($(sent rxe1r0) - sent_before >= least)) && (($(received rxe2r0) - received_before >= least)) || return 1
  expect "packets sent by the idle rail" "$(sent rxe1r1)" "$other_before"
}

connection_manager_connects() {
  port=$((port + 1))
  between rping -s -a 10.88.1.2 -p "$port" -C 3 -v WITH rping -c -a 10.88.1.2 -p "$port" -C 3 -v
}

lost_packets_are_sent_again() {
  local before after status=0
  before=$(tc -s qdisc show dev p2r0 | grep -c netem)
  loss 2 0 10% || return
  write_between rxe1r0 rxe2r0 || status=1
  after=$(tc -s qdisc show dev p2r0 | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p')
  heal 2 0
  echo "netem before: $before; packets dropped: $after"
  ((status == 0 && after > 0))
}

port_follows_its_link() {
  link_down 1 1
  wait_for_port rxe1r1 DOWN || return
  expect "port of the other rail" "$(port_state rxe1r0)" ACTIVE || return
  link_up 1 1
  wait_for_port rxe1r1 ACTIVE
}

# wait_for_port DEVICE STATE
wait_for_port() {
  local deadline=$((SECONDS + DEADLINE_SECONDS))
  until [[ $(port_state "$1") == "$2" ]]; do
    ((SECONDS < deadline)) || { echo "$1 is $(port_state "$1"), expected $2" && return 1; }
    sleep 0.05
  done
}

need_crun() {
  command -v crun >/dev/null || { echo "crun is not installed" && return 77; }
}

container_has_its_device_only() {
  need_crun || return
  local seen number
  number=$(<"$(uverbs_path rxe2r0)/dev")
  # shellcheck disable=SC2016 # For the shell in the container.
  seen=$("$tools/container.sh" --device rxe1r0 -- bash -c '
    ibv_devices
    mknod /tmp/stranger c '"${number/:/ }"' || echo "mknod failed"
    (: </tmp/stranger) 2>/dev/null && echo "opened a device that was not given"
    (: <"$0") && echo "own device opens"
    echo "locked memory $(ulimit -l)"' "/dev/infiniband/$(basename "$(uverbs_path rxe1r0)")") || return
  echo "$seen"
  expect "devices in the container" "$(grep -E 'rxe|device  |---' <<<"$seen" | devices_of)" "rxe1r0 " || return
  [[ $seen == *"own device opens"* && $seen == *"locked memory unlimited"* && $seen != *"mknod failed"* && $seen != *"was not given"* ]]
}

# uverbs_path DEVICE: where sysfs describes its character device.
uverbs_path() {
  local path
  for path in /sys/class/infiniband_verbs/uverbs*; do
    [[ $(<"$path/ibdev") != "$1" ]] || printf '%s\n' "$path"
  done
}

containers_write_to_each_other() {
  need_crun || return
  local before
  before=$(sent rxe1r1)
  port=$((port + 1))
  local options=(-x "$(gid_index rxe1r1)" -m "$PATH_MTU" -s "$WRITE_BYTES" -n "$WRITES" -F -p "$port")
  between "$tools/container.sh" --device rxe2r1 -- ib_write_bw -d rxe2r1 "${options[@]}" \
    WITH "$tools/container.sh" --device rxe1r1 -- ib_write_bw -d rxe1r1 "${options[@]}" 127.0.0.1 || return
  echo "rxe1r1 sent $(($(sent rxe1r1) - before)) packets"
  (($(sent rxe1r1) - before >= WRITES * WRITE_BYTES / PATH_MTU))
}

check "each host has its devices, all active" every_host_has_its_devices
check "a device's GID is its IPv4 address" gid_is_the_address
check "RDMA writes go over the two devices and no other" writes_go_over_the_devices
check "rdma_cm connects and pings" connection_manager_connects
check "lost packets are sent again" lost_packets_are_sent_again
check "a port follows its link" port_follows_its_link
check "a container has the device it was given and no other" container_has_its_device_only
check "two containers write to each other" containers_write_to_each_other
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
