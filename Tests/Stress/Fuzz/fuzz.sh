#!/bin/sh
# Runs each target for a while and prints what it did; inputs that broke a reader stay under
# .build-fuzz/found/TARGET, to be minimised (-minimize_crash=1) and added as
# fixtures/regressions/TARGET/NAME, which `make test` replays; none was found so far.
#
# usage: fuzz.sh FUZZER SECONDS [TARGET...]
set -eu
fuzzer=$1
seconds=$2
shift 2
root=$(cd "$(dirname "$0")/../../.." && pwd)
work=$root/.build-fuzz
[ $# -gt 0 ] || set -- safetensors index config manifest pack tokenizer recipe gguf signature archive
failed=
# What the readers need around an input lies in memory, and goes with the last of them.
[ ! -d /dev/shm ] || TMPDIR=/dev/shm
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/muninn-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
printf '%-12s %12s %10s %9s %7s\n' target executions per-second coverage found
for target in "$@"; do
  mkdir -p "$work/corpus/$target" "$work/seeds/$target" "$work/found/$target"
  export MUNINN_FUZZ_TARGET="$target"
  MUNINN_FUZZ_SEEDS="$work/seeds/$target" "$fuzzer"
  log=$work/$target.log
  "$fuzzer" -max_total_time="$seconds" -dict="$root/Tests/Stress/Fuzz/dictionaries/$target.dict" \
    -max_len=32768 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$work/found/$target/" "$work/corpus/$target" "$work/seeds/$target" \
    > "$log" 2>&1 || failed="$failed $target"
  awk -v target="$target" -v found="$(ls "$work/found/$target" | wc -l)" '
    /cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") coverage = $(i + 1) }
    /stat::number_of_executed_units/ { count = $2 }
    /stat::average_exec_per_sec/ { rate = $2 }
    END { printf "%-12s %12d %10d %9d %7d\n", target, count, rate, coverage, found }' "$log"
done
[ -z "$failed" ] || { echo "stopped:$failed; see $work/TARGET.log" >&2; exit 1; }
