# shellcheck shell=sh
# A PostgreSQL server for tests. Arguments: the directory of its programs, and a free port.
# It obeys the lines on stdin (start, stop, kill), answers each with one line, and ends with stdin: also when whoever
# started it was killed.
bin=$1 port=$2
cd / || exit 1
home=$(mktemp -d "${TMPDIR:-/tmp}/runledger-postgres-XXXXXX") || exit 1
trap '' HUP INT TERM
trap '"$bin/pg_ctl" -D "$home/data" -m immediate stop > /dev/null 2>&1; rm -rf "$home"' EXIT

# The locale orders texts unlike their bytes do, where the build can: a statement that depends on it shows.
initialize() {
  "$bin/initdb" -D "$home/data" -U postgres -A trust -E UTF8 --no-sync --no-instructions --locale=C.UTF-8 "$@" > "$home/log" 2>&1
}
initialize --locale-provider=icu --icu-locale=en-US || { rm -rf "$home/data"; initialize; } || { tr '\n' ' ' < "$home/log"; exit 1; }
{
  echo 'host all guarded 127.0.0.1/32 scram-sha-256'
  cat "$home/data/pg_hba.conf"
} > "$home/hba"
mv "$home/hba" "$home/data/pg_hba.conf"
cat >> "$home/data/postgresql.conf" << SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$home'
fsync = off
full_page_writes = off
synchronous_commit = on
max_connections = 40
shared_buffers = 64MB
log_min_messages = warning
SETTINGS

start() {
  # What a killed server had in shared memory is gone a moment after its last process.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    "$bin/pg_ctl" -D "$home/data" -l "$home/log" -w start > /dev/null 2>&1 && return
    sleep 0.2
  done
  return 1
}

stop() {
  "$bin/pg_ctl" -D "$home/data" -m fast stop > /dev/null 2>&1
}

# With all of its processes: one that lives on for a moment would still answer.
end_at_once() {
  first=$(head -n 1 "$home/data/postmaster.pid")
  children=$(pgrep -P "$first")
  kill -KILL "$first"
  # shellcheck disable=SC2086 # one word each; some may have ended
  kill -KILL $children 2> /dev/null
  true
}

say() {
  if "$@"; then echo "done $home"; else tr '\n' ' ' < "$home/log"; echo; fi
}

say start
while read -r command; do
  case $command in
    start) say start ;;
    stop) say stop ;;
    kill) say end_at_once ;;
    *) echo "unknown command $command" ;;
  esac
done
