# Run by bin/runledger as "bash -p exec.sh HOME WORDS...": the verb exec. This shell stays the parent of the command, which so
# keeps its arguments, descriptors, signal mask and terminal byte for byte; a Java beside it records what the shell sees. The
# two talk through pipes without a name. The command runs whatever becomes of Java: decisions/0033 has the reasons.
#
#   Java to shell   set NAME=VALUE   into the command's environment
#                   ready            begin
#                   done             all of it is recorded
#   shell to Java   started PID, signal NAME, withheld NAME, ended CODE, missing CODE
# shellcheck shell=bash
# shellcheck disable=SC2317 # what traps call is reachable
set -u
home=$1
shift

# The options of exec, as ExecCommand has them (a test compares): where the command begins must be known without Java.
with_value=' --experiment --dataset --method --subject --cl-info --seed --project --name --set --tag --notes
  --resumed-from-step --usage-seconds --config '
without_value=' --skip-if-completed --debug '

own=()
words=("$@")
understood=yes
while [ $# -gt 0 ]; do
  case $1 in
    --)
      shift
      break
      ;;
    exec) [ ${#own[@]} -eq 0 ] || [ "${own[*]}" = --debug ] || break ;;
    -*)
      if [[ $with_value == *[[:space:]]"$1"[[:space:]]* ]]; then
        own+=("$1")
        shift
        [ $# -gt 0 ] || break
      elif [[ $with_value != *[[:space:]]"${1%%=*}"[[:space:]]* && $without_value != *" $1 "* ]]; then
        # Help, or a mistake: no command can be told from the rest.
        understood=
        break
      fi
      ;;
    *) break ;;
  esac
  own+=("$1")
  shift
done
# Little memory beside a job, also of addresses, which batch systems limit; signals are the shell's part.
options="-Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:CompressedClassSpaceSize=64m -Xshare:auto -Xrs
  -XX:+ExitOnOutOfMemoryError -XX:ErrorFile=/dev/null
  -XX:+IgnoreUnrecognizedVMOptions -XX:ReplayDataFile=/dev/null -Dlogback.configurationFile=runledger-logback.xml"
if [ -z "$understood" ] || [ $# -eq 0 ]; then
  # shellcheck source=launch.sh
  . "$home/lib/launch.sh"
  launch "$options" io.runledger.cli.Main "${words[@]}"
fi
command=("$@")

# Runs the command in the place of this shell, as if we had never been there.
bare() {
  trap - EXIT
  printf 'runledger: %s. The command runs, but it is not recorded.\n' "${1%.}" >&2
  local own
  for own in "$events" "$from" "$errors" "$answers"; do
    case $own in
      "" | -1) ;;
      *) eval "exec $own>&-" ;;
    esac
  done 2> /dev/null
  exec "${command[@]}"
}

# recorder OPTIONS...: Java, with its stdin, stdout and stderr where the shell put them.
recorder() {
  trap '' HUP INT QUIT ALRM TERM USR1 USR2 XCPU XFSZ VTALRM PROF IO PWR
  exec < "/proc/self/fd/$events"
  if [ -n "$passing" ]; then
    exec {tail}< "/proc/self/fd/$errors"
    options="$options -Drunledger.exec.stderr=/proc/self/fd/$tail"
  fi
  [ -e /proc/self/fd/2 ] || exec 2> /dev/null
  exec {outer}>&2
  # What the launcher complains of is an answer, too.
  exec 2>&1 {events}>&- {from}<&- {errors}>&-
  # shellcheck source=launch.sh
  . "$home/lib/launch.sh"
  if [ -z "$passing" ]; then
    exec 2>&"$outer" {outer}>&-
    launch "$options" io.runledger.cli.Main "$@"
  fi
  launch "$options" io.runledger.cli.Main "$@" <&0 2>&"$outer" {outer}>&- &
  wait "$!" 2> /dev/null
  code=$?
  # Whatever ended Java, the command and what it leaves behind can go on writing to stderr.
  cat <&"$tail" >&"$outer"
  exit "$code"
}

# Signals that came before the command was there; the command; whether a signal came lately.
pending=
child=
interrupted=

# Without a handler a training would be killed by the warning that its batch system sends before the time is up.
dies_of() {
  local key mask caught=0 ignored=0
  while read -r key mask; do
    case $key in
      SigIgn:) ignored=$((16#$mask)) ;;
      SigCgt:) caught=$((16#$mask)) ;;
    esac
  done 2> /dev/null < "/proc/$child/status" || return 1
  [ $(((caught | ignored) >> ($1 - 1) & 1)) -eq 0 ]
}

# A terminal's own signals go to its whole foreground group.
at_terminal() {
  local stat
  read -r stat 2> /dev/null < "/proc/$child/stat" || return 1
  # state, parent, process group, session, terminal, foreground group of the terminal
  read -r -a stat <<< "${stat##*) }"
  [ "${stat[2]}" = "${stat[5]}" ]
}

on_signal() {
  interrupted=yes
  if [ -z "$child" ]; then
    pending="$pending $1"
    return
  fi
  local word=signal
  case $1 in
    INT | QUIT | HUP) at_terminal || kill -s "$1" "$child" ;;
    USR1) if dies_of 10; then word=withheld; else kill -s "$1" "$child"; fi ;;
    USR2) if dies_of 12; then word=withheld; else kill -s "$1" "$child"; fi ;;
    *) kill -s "$1" "$child" ;;
  esac 2> /dev/null
  printf '%s %s\n' "$word" "$1" >&"$events"
}

events=-1 from=-1 errors=-1 answers=-1
trap 'bare "The launcher failed."' EXIT
{ exec {events}<> <(:) {answers}<> <(:) {errors}<> <(:) && exec {from}< "/proc/self/fd/$answers"; } 2> /dev/null ||
  bare "No pipe could be made (ulimit -n is $(ulimit -n))."
# Of two signals at one moment, bash forgets the one with the lower number when both have a trap. SLURM sends CONT with TERM, to
# all processes; so CONT has none.
for name in HUP INT QUIT ABRT ALRM TERM USR1 USR2 XCPU XFSZ VTALRM PROF IO PWR PIPE; do
  # shellcheck disable=SC2064 # this name, not a later one
  trap "on_signal $name" "$name"
done

# A file is read again when the command has failed; at a terminal nothing is kept; all else is passed through Java.
passing=
[ -f /proc/self/fd/2 ] || [ -t 2 ] || [ ! -e /proc/self/fd/2 ] || passing=yes
recorder "${own[@]}" -- "$1" >&"$answers" {answers}>&- &
java_pid=$!
exec {answers}>&-

# A crash of Java is framed by number signs.
plain() {
  local text=${1#runledger: }
  printf '%s' "${text#\# }"
}

ready=
reason=
while [ -z "$ready" ]; do
  interrupted=
  if IFS= read -r -u "$from" line; then
    case $line in
      'set '*) export "${line#set }" ;;
      ready) ready=yes ;;
      *[[:alnum:]]*) reason=${reason:-$(plain "$line")} ;;
    esac
  elif [ -z "$interrupted" ]; then
    # It ended of itself: a usage error, or nothing is to be run.
    exec {errors}>&-
    wait "$java_pid" 2> /dev/null
    code=$?
    case $code in
      0 | 2)
        trap - EXIT
        exit "$code"
        ;;
    esac
    bare "${reason:-Java ended with exit code $code before it was ready.}"
  fi
done

finish() {
  trap 'exit "$code"' HUP INT QUIT TERM
  printf '%s %d\n' "$1" "$code" >&"$events"
  exec {errors}>&-
  local line recorded=
  while :; do
    if IFS= read -r -u "$from" line; then
      [ "$line" != "done" ] || recorded=yes
    else
      break
    fi
  done
  [ -n "$recorded" ] ||
    echo "runledger: Java ended early; how the command ended (exit code $code) is not recorded." >&2
  exit "$code"
}

for name in $pending; do
  # The command would have met it in its first moment.
  case $name in
    HUP | INT | QUIT | ABRT | ALRM | TERM | XCPU)
      trap - EXIT
      printf 'signal %s\n' "$name" >&"$events"
      code=$((128 + $(kill -l "$name")))
      finish ended
      ;;
  esac
done

cannot_start() {
  trap - EXIT
  code=$1
  echo "runledger: Cannot run ${command[0]}: $2." >&2
  finish missing
}
case $1 in
  */*)
    [ -e "$1" ] || cannot_start 127 "there is no such file"
    [ ! -d "$1" ] || cannot_start 126 "it is a directory"
    [ -x "$1" ] || cannot_start 126 "it is not executable"
    ;;
  *) type -P -- "$1" > /dev/null || cannot_start 127 "it is not on PATH" ;;
esac

begin() {
  [ -z "$passing" ] || exec 2> "/proc/self/fd/$errors"
  exec "${command[@]}" {events}>&- {from}<&- {errors}>&-
}
# With a redirection of its own, a command in the background keeps its stdin, also one that is closed.
if [ -e /proc/self/fd/0 ]; then
  begin <&0 &
else
  begin <&- &
fi
child=$!
trap - EXIT
printf 'started %d\n' "$child" >&"$events"
exec {errors}>&-

while :; do
  interrupted=
  wait "$child" 2> /dev/null
  code=$?
  [ -n "$interrupted" ] || break
  # A signal ends the wait; another wait for a command that ended meanwhile gives the same code, or 127 where it is forgotten.
  kill -0 "$child" 2> /dev/null || {
    last=$code
    wait "$child" 2> /dev/null
    code=$?
    [ "$code" -ne 127 ] || code=$last
    break
  }
done
finish ended
