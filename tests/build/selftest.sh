#!/usr/bin/env bash
# Proves that the test run cannot be green by accident: runs the fake suites of selftest.json through the real build.sh and
# looks for each verdict. Prints "ok" or "failed: " lines, then the sum.
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
check() { # what, condition's exit code
  if (($2 == 0)); then
    passed=$((passed + 1)) && echo "ok: $1"
  else
    failed=$((failed + 1)) && echo "failed: $1"
  fi
}
has() { # what, text that stdout must hold
  grep -qF -- "$2" <<<"$output"
  check "$1" $?
}

output=$(./build.sh --target=Test --no-build --plan=tests/build/selftest.json 2>/dev/null)
exit_code=$?
printf '%s\n' "$output" | sed 's/^/    | /'

[[ $exit_code != 0 ]]
check 'a failed run has a non-zero exit code' $?
[[ $(tail -n 1 <<<"$output") == '10 passed, 12 failed, 2 skipped' ]]
check 'the last line sums all suites' $?
has 'a passing suite is counted' 'pass (host): 1 passed, 0 failed, 1 skipped'
has 'a skip shows its reason' 'SKIPPED A.Needs_NoDevice_Skips: no device here'
has 'a failing case is named' 'FAILED A.Breaks'
has 'a failing case shows its message' 'Expected: 1'
has 'no cases is a failure' 'has no test cases'
has 'no result file is a failure' 'ended with exit code 0 and left no results'
has 'an unreadable result file is a failure' 'its results cannot be read'
has 'an exit code without a failed case is a failure' 'ended with exit code 3, which its results do not explain'
has 'a crash after a failed case is told' 'ended with exit code 134, which its results do not explain'
has 'a crash names the case that was running' 'ended with exit code 134 and left no results; running then: A.Crashes(count: 3)'
has 'a hang names its limit and the case that was running' 'ran past its limit of 2 s and was killed; running then: A.Hangs (log:'
has 'a script is counted by its closing line' 'script (host): 7 passed, 1 failed, 1 skipped'
has 'a script without a closing line is a failure' 'mute (host): 0 passed, 1 failed, 0 skipped'
has 'a suite that was not built is a failure' 'does not exist: was the project built?'
orphan=$(cat artifacts/tests/selftest/hang.trx.pid)
# Killed and not yet reaped by init is dead too.
[[ -n $orphan ]] && ! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$orphan/status"
check 'a hanging suite leaves no process' $?

./build.sh --target=Nonsense >/dev/null 2>&1
[[ $? == 2 ]]
check 'an unknown target ends with exit code 2' $?
./build.sh --target=Run --args="perf 'unclosed" >/dev/null 2>&1
[[ $? == 2 ]]
check 'unclosed quotes in --args end with exit code 2' $?
missing=$(comm -3 <(./build.sh --help | sed -n '/^Targets:/,/^$/s/^  \([A-Z][A-Za-z]*\) .*/\1/p' | sort) <(sed -n 's/^Task("\([A-Za-z]*\)").*/\1/p' build.cake | sort))
[[ -z $missing ]]
check 'build.sh --help lists the targets of build.cake' $?

echo "$passed passed, $failed failed, 0 skipped"
((failed == 0))
