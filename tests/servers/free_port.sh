# Sourced by the server scripts: free_port prints a port of 127.0.0.1 on which nothing listens.
#
# Ports are drawn below 32768, where Linux begins to give ports to clients, so that no client takes one in between.

free_port() {
  local port
  for _ in {1..200}; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return 0
    fi
  done
  echo "no free port was found on 127.0.0.1" >&2
  return 1
}
