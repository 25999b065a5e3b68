#!/usr/bin/env bash
# Builds, tests and runs RdmaCollectives. Needs Linux and the .NET 10 SDK, nothing else.
# Cake does the work (build.cake) and talks on stderr; stdout carries only what the target itself prints.
set -euo pipefail

readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'EOF'
Usage: ./build.sh [--target=TARGET] [options]

Targets:
  Build      restore and compile everything (the default)
  Test       build, then run every test suite; the last line is "N passed, N failed, N skipped"
  Run        build, then run the tool: by default `rdmacc perf all_reduce --ranks 4`
  Peers      build, then measure us and our peers (Open MPI, MPICH, gloo) in turns, and write docs/performance.md (it says how long it takes)
  Fuzz       build, then feed 10,000,000 malformed inputs to every parser (hours; -- --help says what else)
  Chaos      build, then kill a rank in the middle of random calls, 1000 times per transport
  Soak       build, then an hour of random calls; memory, threads and descriptors must stay flat
  Format     rewrite the sources as .editorconfig asks
  AcceptApi  rewrite src/*/PublicApi.txt from the assemblies, after a wanted change of the public surface
  Pack       make the NuGet packages in artifacts/packages
  Clean      remove artifacts/

Options:
  --configuration=NAME  Release (the default) or Debug
  --args="ARGS"         Run, Peers, Fuzz, Chaos, Soak: arguments of the program, quoted as in a shell; or write them after --
  --suite=NAME          Test: this suite only (the names are in tests/suites.json)
  --filter=PATTERN      Test: only cases whose full method name matches, e.g. '*Ring*'
  --no-build            Test: use what is built already
  --help                this text

Examples:
  ./build.sh --target=Test --suite=Schedules
  ./build.sh --target=Run --args="perf all_reduce --ranks 2 --transport tcp"
  ./build.sh --target=Run -- devices
  ./build.sh --target=Peers -- --full
  ./build.sh --target=Fuzz -- --parsers frames,tcp-frames --inputs 1000000
  ./build.sh --target=Chaos -- --rounds 20 --events Kill,PauseThenKill
  ./build.sh --target=Soak -- --minutes 5
EOF
}

fail() {
  printf 'build.sh: %s\n' "$1" >&2
  exit "${2:-2}"
}

target=Build
configuration=Release
tool_line=
tool_arguments=()
cake=()
while (($#)); do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --) shift && tool_arguments=("$@") && break ;;
    # Both --name=value and --name value.
    --target | --configuration | --args | --suite | --filter | --plan)
      (($# > 1)) || fail "$1 needs a value (./build.sh --help)"
      set -- "$1=$2" "${@:3}"
      continue
      ;;
    --target=*) target=${1#*=} ;;
    --configuration=*) configuration=${1#*=} ;;
    --args=*) tool_line=${1#*=} ;;
    --suite=* | --filter=* | --plan=* | --no-build) cake+=("$1") ;;
    *) fail "unknown option '$1' (./build.sh --help)" ;;
  esac
  shift
done

known=$(usage | sed -n '/^Targets:/,/^$/s/^  \([A-Z][A-Za-z]*\) .*/\1/p')
name=$(grep -ixF -- "$target" <<<"$known") || fail "unknown target '$target'; there are: ${known//$'\n'/, }"
case ${configuration,,} in
  release) configuration=Release ;;
  debug) configuration=Debug ;;
  *) fail "unknown configuration '$configuration'; there are: Release, Debug" ;;
esac

if [[ $name =~ ^(Run|Peers|Fuzz|Chaos|Soak)$ ]]; then
  if [[ -n $tool_line ]]; then
    # xargs splits as a shell does (quotes, backslashes) and expands nothing.
    if ! split=$(printf '%s' "$tool_line" | xargs -r printf '%s\n' 2>&1); then
      split=${split##*xargs: }
      fail "--args: ${split%%;*} in: $tool_line"
    fi
    mapfile -t tool_arguments <<<"$split"
  elif [[ $name == Run ]] && ((${#tool_arguments[@]} == 0)); then
    tool_arguments=(perf all_reduce --ranks 4)
  fi
elif [[ -n $tool_line || ${#tool_arguments[@]} -gt 0 ]]; then
  fail "arguments of a program are for --target=Run, Peers, Fuzz, Chaos and Soak, not $name"
fi

find_dotnet() {
  local candidate
  for candidate in "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$(command -v dotnet || true)" "$HOME/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
    if [[ -n $candidate && -x $candidate ]] && (cd "$root" && "$candidate" --version >/dev/null 2>&1); then
      readlink -f "$candidate"
      return
    fi
  done
  fail "no .NET 10 SDK found (in DOTNET_ROOT, PATH, ~/.dotnet, /usr/share/dotnet, /usr/lib/dotnet): install it as https://dot.net/download says" 1
}

dotnet=$(find_dotnet)
# Programs that we build look for the runtime here, wherever the SDK was installed.
if [[ -d ${dotnet%/*}/shared/Microsoft.NETCore.App ]]; then
  export DOTNET_ROOT=${dotnet%/*}
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# No compiler or build process of ours outlives this script.
export MSBUILDDISABLENODEREUSE=1

(
  cd "$root"
  "$dotnet" tool restore --verbosity quiet >&2
  # The targets write for the user to descriptor 3, our stdout.
  exec "$dotnet" cake --target="$name" --configuration="$configuration" ${cake[@]+"${cake[@]}"} 3>&1 1>&2
) || exit $?

# Not run by Cake, so that stdout, the terminal and the exit code are the program's own.
case $name in
  Run) exec "$root/artifacts/bin/RdmaCollectives.Tool/${configuration,,}/rdmacc" "${tool_arguments[@]}" ;;
  Peers) exec "$root/artifacts/bin/RdmaCollectives.Peers/${configuration,,}/RdmaCollectives.Peers" --root "$root" ${tool_arguments[@]+"${tool_arguments[@]}"} ;;
  # What comes later on the command line wins.
  Fuzz) exec "$root/artifacts/bin/RdmaCollectives.Fuzz/${configuration,,}/RdmaCollectives.Fuzz" --inputs 10000000 --coverage --report "$root/artifacts/fuzz.json" ${tool_arguments[@]+"${tool_arguments[@]}"} ;;
  Chaos) exec "$root/artifacts/bin/RdmaCollectives.Chaos/${configuration,,}/RdmaCollectives.Chaos" chaos --rounds 1000 --report "$root/artifacts/chaos.json" ${tool_arguments[@]+"${tool_arguments[@]}"} ;;
  Soak) exec "$root/artifacts/bin/RdmaCollectives.Chaos/${configuration,,}/RdmaCollectives.Chaos" soak --report "$root/artifacts/soak.json" ${tool_arguments[@]+"${tool_arguments[@]}"} ;;
esac
