#!/usr/bin/env bash
# Holds the local GitHub, the client and the webhook decoding to GitHub's own
# descriptions and examples (npm), the metrics, alert rules and Grafana panels to a
# real Prometheus, and the dashboard page to a real Chromium (or Chrome). What it
# needs it installs, npm packages below internal/github/githubsim; it fails rather
# than skip.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v npm >/dev/null || missing+=(npm)
command -v promtool >/dev/null || missing+=(prometheus)
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "make contract: please install ${missing[*]} first." >&2
    exit 1
  fi
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "Installing Debian's packages ${missing[*]}."
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
fi

npm ci --silent --ignore-scripts --no-audit --no-fund --prefix internal/github/githubsim/testdata/contract
promtool check config --lint=all deploy/prometheus/prometheus.yml
promtool test rules deploy/prometheus/rules_test.yml
go test -count=1 -timeout 20m -tags contract ./internal/github ./internal/webhook ./cmd/app -run 'Contract|Official'
