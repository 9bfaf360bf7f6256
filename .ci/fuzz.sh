#!/usr/bin/env bash
# Runs every fuzz target of the parsers for the given time or number of
# executions. What it finds lands in the package's testdata/fuzz: keep it.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:?a duration such as 10m, or executions such as 1000000x}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for file in $(grep -rl '^func Fuzz' internal/parse --include='*_test.go' | sort); do
  for target in $(grep -oE '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/^func //'); do
    if ! go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s >"$log" 2>&1; then
      # The end of the time may interrupt the search for a smaller input.
      if grep -q 'Failing input written' "$log" || ! grep -q 'context deadline exceeded' "$log"; then
        cat "$log"
        exit 1
      fi
    fi
    echo "$(dirname "$file") $target: $(grep 'execs:' "$log" | tail -n 1 | sed 's/^fuzz: //')"
  done
done
