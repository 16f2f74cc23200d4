#!/usr/bin/env bash
# A private Apache Kafka for tests: one KRaft node in a folder, on free ports.
#
#   kafka.sh fetch                       copies the jars of pom.xml into the cache; nothing if they are there
#   kafka.sh start DIR                   prints lines for eval: export BATCHOUT_TEST_KAFKA=..., and for the listener with
#                                        TLS and passwords _SECURE (its address) and _CA (a file)
#   kafka.sh kill DIR                    kills the process that `start` has made, and starts it again with its data
#   kafka.sh stop DIR                    ends it; the log DIR/kafka/log stays
#   kafka.sh topic NAME PARTITIONS       makes a topic on the broker of BATCHOUT_TEST_KAFKA
#   kafka.sh delete NAME                 deletes it
#
# A broker that runs already is only announced again. The cache is $BATCHOUT_CACHE, by default ~/.cache/batchout.
# Exit codes: 0 done, 1 failed, 77 cannot be had here: no Java, no Maven, no registry (with CI=true that is 1).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/free_port.sh"

command=${1:-}
cache=${BATCHOUT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/batchout}
jars=$cache/kafka-$(sha256sum "$here/pom.xml" | cut -c1-12)

say() { echo "kafka: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

unavailable() {
  say "skipped: $*"
  [[ ${CI:-} == true ]] && exit 1
  exit 77
}

usage() {
  echo "usage: kafka.sh fetch | start DIR | kill DIR | stop DIR | topic NAME PARTITIONS | delete NAME" >&2
  exit 2
}

use_folder() {
  [[ -n ${1:-} ]] || usage
  mkdir -p "$1/kafka"
  home=$(cd "$1/kafka" && pwd)
  log=$home/log env=$home/env pid_file=$home/pid
}

# Several attempts, because a registry that is busy drops connections. The folder appears only when it is complete.
fetch() {
  local part log=$cache/maven.log
  command -v java >/dev/null || unavailable "java is missing; install openjdk-17-jre-headless"
  [[ -d $jars ]] && return
  command -v mvn >/dev/null || unavailable "mvn is missing; install maven"
  mkdir -p "$cache"
  part=$(mktemp -d "$cache/part.XXXXXX")
  say "fetching the broker's jars into $jars"
  for _ in 1 2 3; do
    if mvn -B -q -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
      -DoutputDirectory="$part" >"$log" 2>&1 </dev/null; then
      mv -T "$part" "$jars" 2>/dev/null || rm -rf "$part"
      return
    fi
    sleep 2
  done
  rm -rf "$part"
  tail -n 5 "$log" >&2
  unavailable "the jars could not be fetched; Maven's log is $log"
}

# run_java HEAP CLASS ARGUMENTS...
run_java() {
  local heap=$1
  shift
  exec java "-Xmx$heap" -XX:+UseSerialGC -Djava.awt.headless=true \
    "-Dlog4j.configuration=file:$here/kafka-log4j.properties" -cp "$jars/*" "$@"
}

# The process of the pid file, if it is a broker of this folder.
running() {
  [[ -f $pid_file ]] && tr '\0' ' ' <"/proc/$(<"$pid_file")/cmdline" 2>/dev/null | grep -qF "$home/server.properties"
}

# A certificate that is its own authority, as PKCS #12 for the broker and as PEM for clients.
make_certificate() {
  local store=$home/server.p12
  rm -f "$store"
  keytool -genkeypair -alias server -keyalg RSA -storetype PKCS12 -keystore "$store" -storepass batchout \
    -dname CN=localhost -ext san=dns:localhost,ip:127.0.0.1 -validity 365 >"$log" 2>&1 &&
    keytool -exportcert -rfc -alias server -keystore "$store" -storepass batchout -file "$home/ca.pem" >>"$log" 2>&1 ||
    fail_with_log "its certificate could not be made"
}

write_settings() {
  local port=$1 controller=$2 secure=$3
  cat >"$home/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:$port,SECURE://127.0.0.1:$secure,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port,SECURE://localhost:$secure
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT
listener.name.secure.sasl.enabled.mechanisms=PLAIN
listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_reader="a secret";
listener.name.secure.ssl.keystore.type=PKCS12
listener.name.secure.ssl.keystore.location=$home/server.p12
listener.name.secure.ssl.keystore.password=batchout
log.dirs=$home/data
num.partitions=1
auto.create.topics.enable=true
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
CONF
}

launch() {
  (run_java 512m kafka.Kafka "$home/server.properties") >>"$log" 2>&1 </dev/null &
  echo $! >"$pid_file"
  disown
  wait_until_ready
}

kill_and_launch() {
  running || fail "no broker runs in $home"
  kill -KILL "$(<"$pid_file")"
  while running; do sleep 0.1; done
  : >"$log"
  launch
}

start() {
  local port controller secure
  fetch
  rm -rf "$home/data"
  port=$(free_port)
  until controller=$(free_port) && ((controller != port)); do :; done
  until secure=$(free_port) && ((secure != port && secure != controller)); do :; done
  make_certificate
  write_settings "$port" "$controller" "$secure"
  (run_java 256m kafka.tools.StorageTool format -t batchout-tests-0000000 -c "$home/server.properties") \
    >>"$log" 2>&1 || fail_with_log "its data folder could not be formatted"
  launch
  echo "export BATCHOUT_TEST_KAFKA=127.0.0.1:$port BATCHOUT_TEST_KAFKA_SECURE=localhost:$secure" \
    "BATCHOUT_TEST_KAFKA_CA=$home/ca.pem" >"$env"
}

wait_until_ready() {
  for _ in {1..600}; do
    grep -q "Kafka Server started" "$log" && return
    running || kill -0 "$(<"$pid_file")" 2>/dev/null || fail_with_log "it ended while starting"
    sleep 0.1
  done
  stop
  fail_with_log "it was not ready after 60 seconds"
}

fail_with_log() {
  grep -E "ERROR|FATAL|Exception" "$log" | tail -n 10 >&2 || tail -n 20 "$log" >&2
  fail "$1; its log is $log"
}

stop() {
  local pid
  if running; then
    pid=$(<"$pid_file")
    kill "$pid"
    for _ in {1..150}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -rf "$home/data" "$env" "$pid_file"
}

topics() {
  fetch
  local address=${BATCHOUT_TEST_KAFKA:?is not set; see ./dev up}
  run_java 128m org.apache.kafka.tools.TopicCommand --bootstrap-server "$address" "$@" 2>&1 |
    { grep -iE "error|exception" >&2 || true; }
}

case $command in
  fetch) fetch ;;
  start)
    use_folder "${2:-}"
    running || start
    cat "$env"
    ;;
  kill)
    use_folder "${2:-}"
    fetch
    kill_and_launch
    ;;
  stop)
    use_folder "${2:-}"
    stop
    ;;
  topic)
    [[ $# == 3 ]] || usage
    topics --create --if-not-exists --topic "$2" --partitions "$3"
    ;;
  delete)
    [[ $# == 2 ]] || usage
    topics --delete --topic "$2"
    ;;
  *) usage ;;
esac
