#!/usr/bin/env bash
# Stands in for a test executable in selftest.json: fake-suite.sh KIND [-trx FILE ...]. Each KIND ends in one of the ways
# in which real ones end.
kind=$1
results=${3:-}

row() { # name, outcome, content
  printf '<UnitTestResult testName="%s" outcome="%s"><Output>%s</Output></UnitTestResult>\n' "$1" "$2" "${3:-}"
}
trx() { # rows
  printf '<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>%s</Results></TestRun>\n' "$*" >"$results"
}

case $kind in
  pass) trx "$(row A.Works Passed)" "$(row A.Needs_NoDevice_Skips NotExecuted '<StdOut>no device here</StdOut>')" ;;
  fail)
    trx "$(row A.Works Passed)" "$(row A.Breaks Failed '<ErrorInfo><Message>Expected: 1</Message></ErrorInfo>')"
    exit 1
    ;;
  empty) trx ;;
  nothing) exit 0 ;;
  broken) echo '<TestRun' >"$results" ;;
  unexplained) trx "$(row A.Works Passed)" && exit 3 ;;
  crash-after-failure) trx "$(row A.Breaks Failed)" && exit 134 ;;
  crash)
    echo '    A.Crashes(count: 3) [STARTING]'
    kill -ABRT $$
    ;;
  hang)
    echo '    A.Works [STARTING]'
    echo '    A.Works [FINISHED] Time: 0.1s'
    echo '    A.Hangs [STARTING]'
    # The grandchild must die too: the self-test looks for it.
    bash -c 'trap "" TERM; echo $$ >"$1"; while :; do sleep 1; done' bash "$results.pid" &
    wait
    ;;
  script)
    printf 'skipped: no second host\nfailed: the third step\n7 passed, 1 failed, 1 skipped\n'
    exit 1
    ;;
  mute) echo 'done' ;;
esac
