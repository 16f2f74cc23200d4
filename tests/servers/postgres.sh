#!/usr/bin/env bash
# A private PostgreSQL 15 for tests: its own cluster in a folder, on a free port; never the system's.
#
#   postgres.sh start DIR    prints the address as lines for eval: export BATCHOUT_TEST_PG_HOST=...
#   postgres.sh stop DIR     ends it; the log DIR/postgres/log stays
#
# A server that runs already is only announced again. As root it runs as the user postgres, who must be able to reach
# DIR. Exit codes: 0 done, 1 failed, 77 cannot be had here (with CI=true that is 1).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/free_port.sh"

bin=${BATCHOUT_PG_BIN:-/usr/lib/postgresql/15/bin}
command=${1:-}
dir=${2:-}
if [[ ! $command =~ ^(start|stop)$ || -z $dir ]]; then
  echo "usage: postgres.sh start|stop DIR" >&2
  exit 2
fi
mkdir -p "$dir/postgres"
home=$(cd "$dir/postgres" && pwd)
data=$home/data log=$home/log setup_log=$home/setup.log env=$home/env
user=batchout password=batchout dbname=batchout

say() { echo "postgres: $*" >&2; }

fail() {
  say "$*; its logs are $setup_log and $log"
  tail -qn 10 "$setup_log" "$log" >&2 2>/dev/null
  exit 1
}

unavailable() {
  say "skipped: $*"
  [[ ${CI:-} == true ]] && exit 1
  exit 77
}

# PostgreSQL refuses to run as root.
as_owner() {
  if [[ $(id -u) == 0 ]]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

running() { [[ -f $data/postmaster.pid ]] && as_owner "$bin/pg_ctl" -D "$data" status >/dev/null 2>&1; }

make_cluster() {
  local secret=$home/password
  rm -rf "$data" "$log"
  if [[ $(id -u) == 0 ]]; then
    id postgres >/dev/null 2>&1 || unavailable "there is no user postgres to run it as; install postgresql-15"
    chown postgres "$home"
    as_owner test -w "$home" || fail "the user postgres cannot write to $home; choose a folder that it can reach"
  fi
  (umask 077 && as_owner tee "$secret" <<<"$password" >/dev/null)
  as_owner "$bin/initdb" -D "$data" -U "$user" --pwfile="$secret" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 >"$setup_log" 2>&1 || fail "initdb failed"
  as_owner rm -f "$secret"
}

# A socket's path has room for 107 bytes; a longer one means TCP only.
socket_folder() {
  local socket=$home/socket
  if ((${#socket} > 85)); then
    return
  fi
  as_owner mkdir -p "$socket"
  echo "$socket"
}

start() {
  local port socket
  [[ -x $bin/initdb ]] || unavailable "$bin/initdb is missing; install postgresql-15"
  make_cluster
  port=$(free_port)
  socket=$(socket_folder)
  as_owner tee -a "$data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$socket'
max_connections = 100
timezone = 'UTC'
log_timezone = 'UTC'
max_wal_size = '2GB'
CONF
  as_owner "$bin/pg_ctl" -D "$data" -l "$log" -w -t 60 start >>"$setup_log" 2>&1 </dev/null || fail "it did not start"
  PGPASSWORD=$password "$bin/psql" -h 127.0.0.1 -p "$port" -U "$user" -d postgres -qc "CREATE DATABASE $dbname" \
    >>"$setup_log" 2>&1 || fail "the database was not made"
  cat >"$env" <<ENV
export BATCHOUT_TEST_PG_HOST=127.0.0.1
export BATCHOUT_TEST_PG_PORT=$port
export BATCHOUT_TEST_PG_USER=$user
export BATCHOUT_TEST_PG_PASSWORD=$password
export BATCHOUT_TEST_PG_DBNAME=$dbname
ENV
}

stop() {
  if running; then
    as_owner "$bin/pg_ctl" -D "$data" -m fast -w -t 30 stop >/dev/null 2>&1 ||
      as_owner "$bin/pg_ctl" -D "$data" -m immediate -w -t 30 stop >/dev/null 2>&1 || fail "it did not stop"
  fi
  rm -rf "$data" "$env"
}

# The owner must not stand in a folder that it cannot read.
cd /
if [[ $command == stop ]]; then
  stop
else
  running || start
  cat "$env"
fi
