#!/usr/bin/env bash
# Makes sure that Go, git and a Postgres server (15 or newer) are there. On Debian
# and Ubuntu it installs the server package; elsewhere it says what to install.
set -euo pipefail

for tool in go git; do
  command -v "$tool" >/dev/null || { echo "Please install $tool first." >&2; exit 1; }
done

newest=0
for server in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres \
  /opt/homebrew/opt/postgresql@*/bin/postgres /usr/local/opt/postgresql@*/bin/postgres; do
  [ -x "$server" ] || continue
  major=$("$server" --version | sed -E 's/.* ([0-9]+).*/\1/')
  [ "$major" -gt "$newest" ] && newest=$major
done
[ "$newest" -ge 15 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Please install a Postgres server, version 15 or newer (macOS: brew install postgresql@17)." >&2
  exit 1
fi
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "Installing Debian's Postgres server package; no cluster is created and nothing is started."
"${as_root[@]}" mkdir -p /etc/postgresql-common
if ! grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf; then
  echo 'create_main_cluster = false' | "${as_root[@]}" tee -a /etc/postgresql-common/createcluster.conf >/dev/null
fi
"${as_root[@]}" apt-get update -q
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -qy -o Dpkg::Options::=--force-confold postgresql
