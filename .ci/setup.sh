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
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Please run this as root: apt-get install postgresql (sudo is not there)." >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing Debian's Postgres server package; no cluster is created and nothing is started."
"${as_root[@]}" mkdir -p /etc/postgresql-common
if ! grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf; then
  echo 'create_main_cluster = false' | "${as_root[@]}" tee -a /etc/postgresql-common/createcluster.conf >/dev/null
fi
"${as_root[@]}" apt-get update -q
# sudo drops the environment; the package would ask about the file written above.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get install -qy --no-install-recommends postgresql
