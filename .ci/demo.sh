#!/usr/bin/env bash
# Runs the demo: REPO names a git repository (default: the sample vault); without
# a terminal, or with ONCE=1, it ends after the first sync.
set -euo pipefail
args=()
[ -z "${REPO:-}" ] || args+=(--repo "$REPO")
if [ "${ONCE:-}" = 1 ] || [ ! -t 1 ]; then args+=(--once); fi
exec bin/kgsync dev "${args[@]}"
