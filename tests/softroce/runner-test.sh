#!/usr/bin/env bash
# Tests of 'run' and 'prepare.sh' as their callers see them: statuses, streams, arguments, isolation. Each case boots the micro-VM
# (about 6 s on an idle machine), so this is for who changes them: tests/softroce/prepare.sh --native no && tests/softroce/runner-test.sh [CASE...]
# Ends with "N passed, N failed, N skipped"; exit status 1 if something failed.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d /tmp/rdmacc-runner-test.XXXXXX)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# expect WHAT ACTUAL EXPECTED
expect() {
  [[ $2 == "$3" ]] && return
  printf 'got      %s: %q\nexpected %s: %q\n' "$1" "$2" "$1" "$3"
  return 1
}

vm() { "$here/run" --native no "$@"; }

# status_of COMMAND...: its exit status on stdout; what it wrote is in $work/stdout and $work/stderr.
status_of() {
  "$@" >"$work/stdout" 2>"$work/stderr"
  echo $?
}

status_and_streams_come_back() {
  expect status "$(status_of vm -- bash -c 'echo to stdout; echo to stderr >&2; echo again >/dev/stdout; exit 42')" 42 || return
  expect stdout "$(cat "$work/stdout")" $'to stdout\nagain' || return
  expect stderr "$(cat "$work/stderr")" "to stderr"
}

arguments_and_variables_arrive_as_they_are() {
  local odd=$'a b\n"c\'\\ $x *'
  mkdir -p "$work/o ut,1"
  # shellcheck disable=SC2016 # For the shell in the guest.
  (cd "$work/o ut,1" && RDMACC_ODD=$odd vm --hosts 3 --rails 2 --out res --env "GIVEN=$odd" -- \
    bash -c 'printf "%s|" "$@" "$GIVEN" "$RDMACC_ODD" "$RDMACC_SOFTROCE_HOSTS" "$RDMACC_SOFTROCE_RAILS" "$PWD" >"$OUT/seen"; ls /sys/class/infiniband >/out/devices' name "$odd" '' last) || return
  expect arguments "$(cat "$work/o ut,1/res/seen")" "$odd||last|$odd|$odd|3|2|$work/o ut,1|" || return
  expect devices "$(tr '\n' ' ' <"$work/o ut,1/res/devices")" "rxe1r0 rxe1r1 rxe2r0 rxe2r1 rxe3r0 rxe3r1 " || return
  [[ -s "$work/o ut,1/res/dmesg.txt" ]]
}

long_output_arrives_whole() {
  expect status "$(status_of vm -- bash -c 'seq 1000000; seq 500000 >&2')" 0 || return
  expect stdout "$(sha256sum <"$work/stdout")" "$(seq 1000000 | sha256sum)" || return
  expect stderr "$(sha256sum <"$work/stderr")" "$(seq 500000 | sha256sum)"
}

output_is_live() {
  local first
  first=$(vm --timeout 20 -- bash -c 'echo first; sleep 5; echo second' | while read -r _; do echo "$EPOCHREALTIME"; done | tr '\n' ' ')
  # The first line arrived seconds before the second.
  awk -v times="$first" 'BEGIN {split(times, t, " "); exit !(t[2] - t[1] > 3)}' || { echo "arrived at $first" && return 1; }
}

time_limit_gives_124_and_keeps_the_output() {
  expect status "$(status_of vm --timeout 2 -- bash -c 'echo begun; sleep 60')" 124 || return
  expect stdout "$(cat "$work/stdout")" begun
}

panic_gives_125() { expect status "$(status_of vm -- bash -c 'echo c >/proc/sysrq-trigger')" 125; }

vanished_machine_gives_126() { expect status "$(status_of vm -- bash -c 'echo o >/proc/sysrq-trigger; read -r _ <> <(:)')" 126; }

host_is_not_written() {
  expect status "$(status_of vm -- bash -c "touch '$work/from-guest' && test -e '$work/from-guest'")" 0 || return
  [[ ! -e $work/from-guest ]]
}

two_checkouts_run_side_by_side() {
  cp -r "$here" "$work/checkout"
  # shellcheck disable=SC2016 # For the shells in the guests.
  local first_command='sleep 3; echo one >"$OUT/who"; exit 11' second_command='sleep 3; echo two >"$OUT/who"; exit 12'
  vm --out "$work/one" -- bash -c "$first_command" &
  local one=$! first second=0
  "$work/checkout/run" --native no --out "$work/two" -- bash -c "$second_command" || second=$?
  wait "$one"
  first=$?
  expect statuses "$first $second" "11 12" || return
  expect results "$(cat "$work/one/who" "$work/two/who" | tr '\n' ' ')" "one two "
}

an_unprepared_machine_gives_77_with_the_remedy() {
  expect status "$(RDMACC_SOFTROCE_CACHE=$work/none status_of vm -- true)" 77 || return
  [[ $(tail -n 1 "$work/stderr") == *"Remedy: "*prepare.sh ]]
}

wrong_usage_gives_2() {
  local arguments
  for arguments in "--hosts 0 -- true" "--hosts x -- true" "--rails 9 -- true" "--env 1A=b -- true" "--native maybe -- true" "--hosts" "--frobnicate" "--" ""; do
    # shellcheck disable=SC2086 # Several words.
    expect "status of '$arguments'" "$(status_of "$here/run" $arguments)" 2 || return
    [[ -s $work/stderr && ! -s $work/stdout ]] || return
  done
}

# The guest is a machine with rdma_rxe of its own: 'run' in it must use that, and leave it as it was.
native_hosts_come_and_go() {
  # shellcheck disable=SC2016 # For the shell in the guest.
  expect status "$(status_of vm -- bash -c '
    "$RDMACC_SOFTROCE_DIR/guest/hosts.sh" rm_hosts
    echo 2 >/proc/sys/net/ipv4/conf/all/rp_filter
    "$RDMACC_SOFTROCE_DIR/run" --native yes --hosts 3 -- bash -c "ls /sys/class/infiniband; exit 5"
    echo "status $?; left: $(ls /sys/class/infiniband /sys/class/net | grep -E "rxe|e1r0"); rp_filter $(cat /proc/sys/net/ipv4/conf/all/rp_filter)"
    ip link add other type dummy && ip address add 10.88.0.1/16 dev other && ip link set other up
    "$RDMACC_SOFTROCE_DIR/run" --native yes -- true
    echo "status $?"')" 0 || return
  expect stdout "$(cat "$work/stdout")" $'rxe1r0\nrxe2r0\nrxe3r0\nstatus 5; left: ; rp_filter 2\nstatus 77'
}

cases=(wrong_usage_gives_2 an_unprepared_machine_gives_77_with_the_remedy status_and_streams_come_back arguments_and_variables_arrive_as_they_are
  long_output_arrives_whole output_is_live time_limit_gives_124_and_keeps_the_output panic_gives_125 vanished_machine_gives_126 host_is_not_written
  two_checkouts_run_side_by_side native_hosts_come_and_go)
for name in "${@:-${cases[@]}}"; do
  if "$name" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "passed   ${name//_/ }"
  else
    failed=$((failed + 1))
    echo "FAILED   ${name//_/ }"
    for file in log stdout stderr; do
      [[ ! -s $work/$file ]] || sed "s/^/         $file | /" "$work/$file"
    done
  fi
  rm -f "$work/stdout" "$work/stderr"
done
echo "$passed passed, $failed failed, 0 skipped"
((failed == 0))
