# shellcheck shell=bash
# The start of the user's command, the same in the guest and on a host with rdma_rxe of its own.
# shellcheck disable=SC2154 # directory, limit, environment, command: set by the caller.

readonly KILL_AFTER_SECONDS=10

# run_command: runs command[] in 'directory' with environment[] for at most 'limit' seconds; its exit status, or 124.
run_command() {
  local status=0 started=$SECONDS
  cd "$directory" || return 126
  timeout --kill-after="$KILL_AFTER_SECONDS" "$limit" env -- "${environment[@]}" "${command[@]}" </dev/null || status=$?
  # timeout reports 137 where it had to use SIGKILL, as it does for a command that somebody else killed.
  ((status == 137 && SECONDS - started >= limit)) && status=124
  return "$status"
}
