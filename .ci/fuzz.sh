#!/usr/bin/env bash
# Runs every fuzz target of the parsers for the given time or number of
# executions. What it finds lands in the package's testdata/fuzz: keep it.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:?a duration such as 10m, or executions such as 1000000x}
log=$(mktemp)
bin=$(mktemp -d)
trap 'rm -rf "$log" "$bin"' EXIT
# Counters in the parsers and the JSON-LD processor only, not in all of the
# standard library, as go test -fuzz has them: ten times as many executions.
instrument=(-gcflags='github.com/kgsync/kgsync/...=-d=libfuzzer' -gcflags='github.com/piprate/...=-d=libfuzzer')
cache=$(go env GOCACHE)/fuzz
for file in $(grep -rl '^func Fuzz' internal/parse --include='*_test.go' | sort); do
  dir=$(dirname "$file")
  go test -c "${instrument[@]}" -o "$bin/fuzz.test" "./$dir"
  for target in $(grep -oE '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/^func //'); do
    mkdir -p "$cache/$dir"
    if ! (cd "$dir" && "$bin/fuzz.test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$time" -test.fuzzminimizetime 1s \
      -test.fuzzcachedir "$cache/$dir") >"$log" 2>&1; then
      # The end of the time may interrupt the search for a smaller input.
      if grep -q 'Failing input written' "$log" || ! grep -q 'context deadline exceeded' "$log"; then
        cat "$log"
        exit 1
      fi
    fi
    echo "$dir $target: $(grep 'execs:' "$log" | tail -n 1 | sed 's/^fuzz: //')"
  done
done
