# shellcheck shell=bash
# The hosts on this machine's own rdma_rxe, without a micro-VM. Needs root; changes this machine's network for the time of the run
# (bridges br-rxe<r>, netdevs e<h>r<r> and p<h>r<r>, devices rxe<h>r<r>, net.ipv4.conf.all.rp_filter) and puts it back.
# shellcheck disable=SC2154,SC2034 # Set by run: hosts, rails, boot_limit; read by it: why_not_native.

readonly NATIVE_LOCK=/run/lock/rdmacc-softroce.lock
readonly RP_FILTER=/proc/sys/net/ipv4/conf/all/rp_filter

# make_native_hosts: 0 when they are there and carry traffic; else says why in why_not_native and leaves nothing behind.
# The names and addresses are the machine's, so runs take turns; devices of a run that was killed are cleared away by the next.
make_native_hosts() {
  local problem
  mkdir -p "$(dirname "$NATIVE_LOCK")"
  exec {native_lock}>"$NATIVE_LOCK"
  if ! flock -w "$boot_limit" "$native_lock"; then
    why_not_native="another run has held $NATIVE_LOCK for $boot_limit s"
    return 1
  fi
  rm_hosts
  if [[ -n $(ip -4 route show table all root "$HOSTS_NETWORK.0.0/16" 2>/dev/null) ]]; then
    why_not_native="this machine uses addresses of $HOSTS_NETWORK.0.0/16 itself (podman's default network, for one): ip -4 route show table all"
    return 1
  fi
  rp_filter_before=$(<"$RP_FILTER")
  if ! problem=$(mk_hosts "$hosts" "$rails" 2>&1); then
    why_not_native="the hosts could not be made: ${problem//$'\n'/; }"
  elif ! problem=$(prove_traffic); then
    why_not_native="rdma_rxe is there and carries no traffic (in a container? rxe needs the initial network namespace; a firewall on bridges?): $problem"
  else
    return 0
  fi
  remove_native_hosts
  return 1
}

remove_native_hosts() {
  rm_hosts
  [[ -z ${rp_filter_before:-} ]] || echo "$rp_filter_before" >"$RP_FILTER"
  rp_filter_before=''
}

# prove_traffic: a few messages from host 1 to the last host; on failure the last line of what the tool said.
prove_traffic() {
  local index port=$((20000 + RANDOM % 10000)) server client deadline=$((SECONDS + 10))
  command -v ibv_rc_pingpong >/dev/null || { echo "ibv_rc_pingpong (package ibverbs-utils) is missing" && return 1; }
  index=$(gid_index rxe1r0)
  timeout 15 ibv_rc_pingpong -d "rxe${hosts}r0" -g "$(gid_index "rxe${hosts}r0")" -p "$port" -n 10 >/dev/null 2>&1 &
  server=$!
  until client=$(timeout 5 ibv_rc_pingpong -d rxe1r0 -g "$index" -p "$port" -n 10 127.0.0.1 2>&1); do
    if ((SECONDS >= deadline)); then
      kill "$server" 2>/dev/null
      tail -n 1 <<<"$client"
      return 1
    fi
    sleep 0.1
  done
  wait "$server"
}
