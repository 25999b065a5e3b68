#!/usr/bin/env bash
# Soft-RoCE "hosts" inside one kernel, and faults on their links. Sourced for its functions, or run: hosts.sh FUNCTION ARGS...
#
# Host h (from 1) has on each rail r (from 0) the netdev e<h>r<r>, the address 10.88.<r>.<h>, the device rxe<h>r<r>, and a
# port p<h>r<r> on the bridge br-rxe<r>, its switch. All lie in one network namespace, because rxe works in the initial one only
# (Linux 6.1; 6.12 in exclusive mode alike). Packets still cross veth and bridge, so a fault on a port hits one host on one rail.
#
#   mk_hosts HOSTS RAILS            make them and wait until every device is usable
#   rm_hosts                        remove every device, netdev and bridge made by mk_hosts
#   gid_index DEVICE                index of the device's IPv4 GID (1 in the micro-VM)
#   packets DEVICE                  "sent=N received=N", the device's own counters
#   impair HOST RAIL NETEM...       any netem setting for the packets on their way to this host, e.g. impair 1 0 delay 1ms reorder 25%
#   loss HOST RAIL PERCENT          drops that share of them
#   delay HOST RAIL TIME            delays them, e.g. 20ms
#   limit HOST RAIL RATE            a token bucket of this rate, e.g. 60mbit, with room for what a sender may have under way
#   heal HOST RAIL                  takes loss, delay, limit and impairments away
#   link_down HOST RAIL             pulls the cable: the device's port goes down
#   link_up HOST RAIL               plugs it in again

readonly HOSTS_NETWORK=10.88
readonly HOSTS_MTU=4200 # The smallest round MTU that holds RoCE's 4096 bytes of payload and its headers; 1500 would give 1024.
readonly HOSTS_READY_SECONDS=30

mk_hosts() {
  local hosts=$1 rails=$2 host rail conf=/proc/sys/net/ipv4/conf
  # The strictest of "all" and the interface's own value holds: hosts reach each other over interfaces of one namespace.
  echo 0 >"$conf/all/rp_filter"
  for ((rail = 0; rail < rails; rail++)); do
    echo "link add br-rxe$rail mtu $HOSTS_MTU type bridge"
    echo "link set br-rxe$rail up"
    for ((host = 1; host <= hosts; host++)); do
      echo "link add e${host}r$rail mtu $HOSTS_MTU type veth peer name p${host}r$rail mtu $HOSTS_MTU"
      echo "link set p${host}r$rail master br-rxe$rail up"
    done
  done | ip -batch - || return
  for ((rail = 0; rail < rails; rail++)); do
    for ((host = 1; host <= hosts; host++)); do
      # Take packets from an address of this namespace, and answer ARP only for the interface's own address.
      echo 0 >"$conf/e${host}r$rail/rp_filter"
      echo 1 >"$conf/e${host}r$rail/accept_local"
      echo 1 >"$conf/e${host}r$rail/arp_ignore"
      echo 2 >"$conf/e${host}r$rail/arp_announce"
    done
  done
  for ((rail = 0; rail < rails; rail++)); do
    for ((host = 1; host <= hosts; host++)); do
      echo "addr add $HOSTS_NETWORK.$rail.$host/24 dev e${host}r$rail"
      echo "link set e${host}r$rail up"
    done
  done | ip -batch - || return
  for ((rail = 0; rail < rails; rail++)); do
    for ((host = 1; host <= hosts; host++)); do
      echo "link add rxe${host}r$rail type rxe netdev e${host}r$rail"
    done
  done | rdma -b - || return
  wait_for_hosts "$hosts" "$rails"
}

rm_hosts() {
  local path name
  for path in /sys/class/infiniband/*; do
    name=${path##*/}
    [[ $name =~ ^rxe[0-9]+r[0-9]+$ ]] && rdma link delete "$name"
  done
  for path in /sys/class/net/*; do
    name=${path##*/}
    [[ $name =~ ^p[0-9]+r[0-9]+$ && -e $path/master && $(readlink "$path/master") == */br-rxe* ]] && ip link delete "$name"
  done
  for path in /sys/class/net/br-rxe*; do
    [[ -e $path ]] && ip link delete "${path##*/}"
  done
  return 0
}

# wait_for_hosts HOSTS RAILS: until each port is ACTIVE and has the GID of its IPv4 address.
wait_for_hosts() {
  local hosts=$1 rails=$2 host rail device deadline=$((SECONDS + HOSTS_READY_SECONDS))
  for ((rail = 0; rail < rails; rail++)); do
    for ((host = 1; host <= hosts; host++)); do
      device=rxe${host}r$rail
      until [[ $(port_state "$device") == ACTIVE ]] && gid_index "$device" >/dev/null; do
        if ((SECONDS >= deadline)); then
          echo "hosts.sh: $device is not usable after $HOSTS_READY_SECONDS s: port $(port_state "$device"), IPv4 GID at index '$(gid_index "$device")'" >&2
          return 1
        fi
        sleep 0.05
      done
    done
  done
}

# port_state DEVICE: ACTIVE, DOWN, ...
port_state() {
  local state
  read -r state 2>/dev/null <"/sys/class/infiniband/$1/ports/1/state" || return
  printf '%s\n' "${state#*: }"
}

gid_index() {
  local gid path
  for path in /sys/class/infiniband/"$1"/ports/1/gids/*; do
    read -r gid 2>/dev/null <"$path" || continue # An empty entry cannot be read on some kernels.
    if [[ $gid == 0000:0000:0000:0000:0000:ffff:* ]]; then
      basename "$path"
      return
    fi
  done
  return 1
}

packets() {
  local counters=/sys/class/infiniband/$1/ports/1/hw_counters
  printf 'sent=%s received=%s\n' "$(<"$counters/sent_pkts")" "$(<"$counters/rcvd_pkts")"
}

# On the bridge's side of the cable: a queue on the host's own netdev would hold rxe's packets back inside the sender.
impair() {
  local host=$1 rail=$2
  shift 2
  tc qdisc replace dev "p${host}r$rail" root netem "$@"
}

loss() { impair "$1" "$2" loss "$3"; }
delay() { impair "$1" "$2" delay "$3"; }
limit() { tc qdisc replace dev "p$1r$2" root tbf rate "$3" burst 64kb limit 16mb; }
heal() { tc qdisc delete dev "p$1r$2" root 2>/dev/null || true; }
link_down() { ip link set "p$1r$2" down; }
link_up() { ip link set "p$1r$2" up; }

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  case ${1:-} in
    mk_hosts | rm_hosts | gid_index | packets | port_state | impair | loss | delay | limit | heal | link_down | link_up) "$@" ;;
    *)
      sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
fi
