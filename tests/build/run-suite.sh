#!/usr/bin/env bash
# run-suite.sh NAME LIMIT COMMAND...: runs one suite inside the Soft-RoCE machine and leaves $OUT/NAME.log, NAME.seconds and, last, NAME.exit.
name=$1 limit=$2 begin=$SECONDS
shift 2
echo "$name"
timeout --kill-after=10 "$limit" "$@" >"$OUT/$name.log" 2>&1 </dev/null &
wait $!
exit_code=$?
# timeout leads a process group of its own; what the suite left running goes with it.
kill -KILL -- -$! 2>/dev/null
echo $((SECONDS - begin)) >"$OUT/$name.seconds"
echo "$exit_code" >"$OUT/$name.exit"
