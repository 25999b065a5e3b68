# shellcheck shell=bash
# Second half of the guest's start, on the host's file system (guest/init is the first): makes the hosts, runs the command
# and powers the machine off. Sourced after job.sh, which 'run' wrote and which sets the variables used here.
# shellcheck disable=SC2154 # softroce_directory, hosts, rails, limit, directory, out, environment, command: from job.sh

job=/run/softroce/job

# end STATUS: leaves the status where 'run' looks for it and switches the machine off.
end() {
  dmesg >"$job/dmesg.txt"
  echo "$1" >"$job/status"
  sync
  mkfifo /run/softroce/nothing
  echo o >/proc/sysrq-trigger
  # The kernel switches off in the background. Wait without starting a program: the shares go away first, a failed start would end
  # this shell, and the end of process 1 is a panic.
  read -r _ <>/run/softroce/nothing
}

# port NAME: the device of the virtio serial port of this name.
port() {
  local path
  for path in /sys/class/virtio-ports/*; do
    [[ $(<"$path/name") == "$1" ]] && printf '/dev/%s\n' "$(basename "$path")" && return
  done
}

# The command's output goes to its caller while it runs. Through cat, so that /dev/stdout and /dev/stderr can be opened again:
# a serial port can be open once only.
exec {to_stdout}> >(exec cat >"$(port stdout)")
stdout_cat=$!
exec {to_stderr}> >(exec cat >"$(port stderr)")
stderr_cat=$!

exec 2>&"$to_stderr"
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
hostname softroce
ip link set lo up
mkdir -p /sys/fs/cgroup "$out" "$HOME" 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none out "$out" || end 126
mkdir -p /out && mount --bind "$out" /out
ulimit -l unlimited
ulimit -c 0

# shellcheck source=tests/softroce/guest/hosts.sh
. "$softroce_directory/guest/hosts.sh"
# shellcheck source=tests/softroce/lib/command.sh
. "$softroce_directory/lib/command.sh"

if ! mk_hosts "$hosts" "$rails"; then
  echo "softroce: the $hosts hosts with $rails rails could not be made" >&2
  end 126
fi
touch "$job/started"
run_command >&"$to_stdout"
status=$?

# Whoever still holds the output open is ended by the power switch; the rest has been read when cat ends.
exec {to_stdout}>&- {to_stderr}>&- 2>/dev/console # A port is at its end when nobody holds the pipe to it.
timeout 5 tail --pid="$stdout_cat" -f /dev/null
timeout 5 tail --pid="$stderr_cat" -f /dev/null
end "$status"
