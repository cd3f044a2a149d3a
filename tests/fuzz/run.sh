#!/usr/bin/env bash
# Runs one target: run.sh <target> <minutes> [--keep]. What it learns stays in build/fuzz/corpus/<target>; --keep adds
# what reaches new code to the corpus in the repository. Exit code 1: findings, in build/fuzz/findings/<target>.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1 minutes=$2 keep=${3:-}
program=build/fuzz/tests/fuzz_$target
corpus=tests/fuzz/corpus/$target
learned=build/fuzz/corpus/$target
findings=build/fuzz/findings/$target
mkdir -p "$learned" "$findings"
dictionary=()
[ -f "tests/fuzz/$target.dict" ] && dictionary=("-dict=tests/fuzz/$target.dict")
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0 UBSAN_OPTIONS=print_stacktrace=1

status=0
"$program" "${dictionary[@]}" -max_total_time=$((minutes * 60)) -timeout=10 -rss_limit_mb=1500 -max_len=16384 \
  -print_final_stats=1 -verbosity=1 -artifact_prefix="$findings/" "$learned" "$corpus" >"$findings/log" 2>&1 || status=1
grep -E '^(stat::number_of_executed_units|stat::peak_rss_mb|#[0-9]+.*DONE)' "$findings/log" || true
if [ "$status" -ne 0 ]; then
  grep -E 'does not hold|ERROR: |runtime error|Test unit written' "$findings/log" | head -5
  exit 1
fi
if [ -n "$keep" ]; then
  # The fewest that reach all code: how often they reach it does not count.
  "$program" -set_cover_merge=1 -use_counters=0 -max_len=4096 "$corpus" "$learned" >>"$findings/log" 2>&1
fi
