#!/usr/bin/env bash
# Compares the parsers with what independent tools say of real pages and with
# Logseq's own parser on generated ones, and prints the scores. What it needs it
# installs below internal/parse/oracle/mldoc; it fails rather than skip.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${KGSYNC_CORPUS:-}" ] && [ -d ../shared/corpus ]; then
  KGSYNC_CORPUS=$(cd ../shared/corpus && pwd)
fi
if [ ! -d "${KGSYNC_CORPUS:-}/expected" ]; then
  echo "make oracle: set KGSYNC_CORPUS to the folder that holds expected/" >&2
  exit 1
fi
if ! command -v npm >/dev/null; then
  echo "make oracle: npm is not installed: install Node 18 or later" >&2
  exit 1
fi
npm ci --silent --ignore-scripts --no-audit --no-fund --prefix internal/parse/oracle/mldoc
export KGSYNC_CORPUS KGSYNC_MLDOC=1
go test -count=1 -timeout 20m -v ./internal/parse/oracle | grep -vE '^ *(===|---) ' | sed -E 's/^ +[a-z_]+\.go:[0-9]+: //'
