#!/usr/bin/env bash
# A private PostgreSQL 15 for tests: its own cluster in a folder, on a free port; never the system's.
#
#   postgres.sh start DIR    prints the address as lines for eval: export BATCHOUT_TEST_PG_HOST=...
#   postgres.sh kill DIR     kills all of its processes, and starts it again with its data
#   postgres.sh halt DIR     only kills them
#   postgres.sh resume DIR   starts it again, after that
#   postgres.sh stop DIR     ends it; the log DIR/postgres/log stays
#
# A server that runs already is only announced again. As root it runs as the user postgres, who must be able to reach
# DIR. Exit codes: 0 done, 1 failed, 77 cannot be had here (with CI=true that is 1).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/free_port.sh"

bin=${BATCHOUT_PG_BIN:-/usr/lib/postgresql/15/bin}
command=${1:-}
dir=${2:-}
if [[ ! $command =~ ^(start|kill|halt|resume|stop)$ || -z $dir ]]; then
  echo "usage: postgres.sh start|kill|halt|resume|stop DIR" >&2
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

# An authority that the server is verified by, and a client whose name is in its certificate instead of a password.
make_certificates() {
  local names=subjectAltName=DNS:localhost,IP:127.0.0.1
  {
    as_owner openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost -addext "$names" \
      -keyout "$data/server.key" -out "$data/server.crt" &&
      as_owner openssl req -newkey rsa:2048 -nodes -subj /CN=certified -keyout "$home/client.key" -out "$home/client.csr" &&
      as_owner openssl x509 -req -in "$home/client.csr" -CA "$data/server.crt" -CAkey "$data/server.key" \
        -CAcreateserial -days 365 -out "$home/client.crt" &&
      as_owner cp "$data/server.crt" "$home/ca.crt" && chmod 644 "$home/ca.crt" "$home/client.crt"
  } >>"$setup_log" 2>&1 || fail "its certificates were not made"
  as_owner sed -i '1i hostssl all certified 127.0.0.1/32 cert' "$data/pg_hba.conf"
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
  make_certificates
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
ssl = on
ssl_ca_file = 'server.crt'
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
export BATCHOUT_TEST_PG_CERTIFICATES=$home
ENV
}

stop() {
  if running; then
    as_owner "$bin/pg_ctl" -D "$data" -m fast -w -t 30 stop >/dev/null 2>&1 ||
      as_owner "$bin/pg_ctl" -D "$data" -m immediate -w -t 30 stop >/dev/null 2>&1 || fail "it did not stop"
  fi
  rm -rf "$data" "$env"
}

halt() {
  running || fail "no server runs in $home"
  kill -KILL "$(head -n 1 "$data/postmaster.pid")"
}

# The server's processes end when the first of them is gone; until then it cannot be started again.
resume() {
  for _ in {1..100}; do
    as_owner "$bin/pg_ctl" -D "$data" -l "$log" -w -t 60 start >>"$setup_log" 2>&1 </dev/null && return
    sleep 0.1
  done
  fail "it did not start again"
}

# The owner must not stand in a folder that it cannot read.
cd /
case $command in
  start)
    running || start
    cat "$env"
    ;;
  kill)
    halt
    resume
    ;;
  *) "$command" ;;
esac
