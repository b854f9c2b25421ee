# Run by bin/runledger as "bash -p exec.sh HOME WORDS...": the verb exec. This shell starts the command, which so keeps
# its arguments, descriptors, signal mask and terminal byte for byte; a Java next to it records what the shell sees. The two
# talk through pipes without a name. The command runs whatever happens to Java: decisions/0033 has the reasons.
#
#   sh to shell     unarchived       there is no archive of classes yet
#   Java to shell   set NAME=VALUE   into the command's environment
#                   ready            begin
#                   done             all of it is recorded
#   shell to Java   started PID, signal NAME, withheld NAME, ended CODE, missing CODE
#
# All that is exported here reaches the command, so no variable outside of a function has a name that a job may use.
# shellcheck shell=bash
# shellcheck disable=SC2317 # what traps call is reachable
set -u
runledger_home=$1
shift

# What this shell would change of the environment, as bin/runledger found it.
runledger_environment=()
for runledger_name in ${!RUNLEDGER_ENVIRONMENT_@}; do
  runledger_environment+=("${!runledger_name}")
  unset "$runledger_name"
done
# Descriptors that were closed: where one is missing, the shell reads this script through it.
runledger_closed=
for runledger_name in 0 1 2; do
  if [ ! -e "/proc/$$/fd/$runledger_name" ] || [ "/proc/$$/fd/$runledger_name" -ef "${BASH_SOURCE[0]}" ]; then
    runledger_closed+=" $runledger_name"
  fi
done
runledger_env=$(type -P env) || runledger_env=/usr/bin/env

# The options of exec, as ExecCommand has them (a test compares): where the command begins must be known without Java.
runledger_with_value=' --experiment --dataset --method --subject --cl-info --seed --project --name --set --tag --notes
  --resumed-from-step --usage-seconds --config '
runledger_without_value=' --skip-if-completed --debug '

runledger_own=()
runledger_words=("$@")
runledger_understood=yes
while [ $# -gt 0 ]; do
  case $1 in
    --)
      shift
      break
      ;;
    exec) [ ${#runledger_own[@]} -eq 0 ] || [ "${runledger_own[*]}" = --debug ] || break ;;
    -*)
      if [[ $runledger_with_value == *[[:space:]]"$1"[[:space:]]* ]]; then
        runledger_own+=("$1")
        shift
        [ $# -gt 0 ] || break
      elif [[ $runledger_with_value != *[[:space:]]"${1%%=*}"[[:space:]]* && $runledger_without_value != *" $1 "* ]]; then
        # Help, or a mistake: no command can be recognized.
        runledger_understood=
        break
      fi
      ;;
    *) break ;;
  esac
  runledger_own+=("$1")
  shift
done
# Little memory next to a job, and few addresses, which batch systems limit; the shell handles signals.
runledger_options="-XX:+UnlockDiagnosticVMOptions -XX:+UnlockExperimentalVMOptions -Xmx96m -Xms4m -XX:NewSize=1m -XX:MaxNewSize=2m -XX:MinHeapFreeRatio=5 -XX:MaxHeapFreeRatio=10 -Xss512k -XX:+UseSerialGC
  -XX:TieredStopAtLevel=1 -XX:Tier3InvocationThreshold=1000 -XX:Tier3MinInvocationThreshold=500 -XX:Tier3CompileThreshold=5000
  -XX:CICompilerCount=1 -XX:TrimNativeHeapInterval=1000 -XX:CompressedClassSpaceSize=64m -Xshare:auto -Xlog:disable -Xrs
  -XX:+ExitOnOutOfMemoryError -XX:ErrorFile=/dev/null -XX:+IgnoreUnrecognizedVMOptions -XX:ReplayDataFile=/dev/null
  -Dslf4j.internal.verbosity=WARN -Dslf4j.provider=io.runledger.cli.StderrLog"

# with_environment WORDS...: becomes this command, which meets the environment that we were given.
with_environment() {
  exec "$runledger_env" -u _ -u SHLVL -u PWD -u OLDPWD -- "${runledger_environment[@]}" "$@"
}

# java_of_ours COMMANDS ARGUMENTS...: becomes Java by these commands of the launcher.
java_of_ours() {
  local commands=$1
  shift
  # shellcheck disable=SC2016 # the other shell's
  with_environment sh -c 'set -eu; home=$1; shift; . "$home/lib/launch.sh"; '"$commands"' "$@"' \
    runledger "$runledger_home" "$runledger_options" io.runledger.cli.Main "$@"
}

if [ -z "$runledger_understood" ] || [ $# -eq 0 ]; then
  java_of_ours launch "${runledger_words[@]}"
fi
runledger_command=("$@")

# Becomes the command, as if there were no launcher.
become_the_command() {
  case $runledger_closed in *0*) exec <&- ;; esac
  case $runledger_closed in *1*) exec >&- ;; esac
  case $runledger_closed in *2*) exec 2>&- ;; esac
  if is_bare_text "${runledger_command[0]}"; then
    runledger_command=("$BASH" "$(type -P -- "${runledger_command[0]}")" "${runledger_command[@]:1}")
  fi
  # env takes a command with this sign for a variable.
  case ${runledger_command[0]} in
    *=*) runledger_command=(nice -n 0 -- "${runledger_command[@]}") ;;
  esac
  with_environment "${runledger_command[@]}"
}

# Whether a file has no first line that names its interpreter: the shell that was to run it would have been that, as bash tells.
is_bare_text() {
  local path head=
  path=$(type -P -- "$1") || return 1
  # Ends early where there is a NUL, as in a binary.
  IFS= read -r -d '' -n 80 head 2> /dev/null < "$path" && [ "${#head}" -lt 80 ] && return 1
  [[ -n $head && $head != '#!'* ]]
}

# Runs the command in the place of this shell.
bare() {
  trap - EXIT
  # The command would have died of them at once, and so does this shell in its place, by itself from now on.
  # shellcheck disable=SC2086 # a list of words
  trap - $runledger_deadly
  for runledger_name in $runledger_pending; do
    [[ $runledger_deadly != *" $runledger_name "* ]] || kill -s "$runledger_name" "$$"
  done
  printf 'runledger: %s. The command runs, but it is not recorded.\n' "${1%.}" >&2
  for runledger_name in "$runledger_events" "$runledger_from" "$runledger_errors" "$runledger_answers" \
    "$runledger_kept" "$runledger_end"; do
    case $runledger_name in
      "" | -1) ;;
      *) eval "exec $runledger_name>&-" ;;
    esac
  done 2> /dev/null
  become_the_command
}

# recorder OPTIONS...: Java, with its stdin, stdout and stderr where the shell put them.
recorder() {
  trap '' HUP INT QUIT ALRM TERM USR1 USR2 XCPU XFSZ VTALRM PROF IO PWR
  exec < "/proc/self/fd/$runledger_events"
  if [ -n "$runledger_passing" ]; then
    exec {tail}< "/proc/self/fd/$runledger_errors"
    runledger_options="$runledger_options -Drunledger.exec.stderr=/proc/self/fd/$tail"
  fi
  case $runledger_closed in
    *2*) exec 3> /dev/null ;;
    *) exec 3>&2 ;;
  esac
  # An error message of the launcher is an answer, too.
  exec 2>&1 {runledger_events}>&- {runledger_from}<&- {runledger_errors}>&- {runledger_kept}>&- {runledger_end}<&-
  [ -n "$runledger_passing" ] || java_of_ours 'exec 2>&3 3>&-; launch_recorder' "$@"
  java_of_ours 'exec 2>&3 3>&-; launch_recorder' "$@" <&0 &
  wait "$!" 2> /dev/null
  runledger_code=$?
  # Whatever ended Java, the command and what it leaves behind can continue writing to stderr; the shell waits for Java alone,
  # and hears that it ended when nobody has the pipe of its answers open, of which stderr was the second end.
  exec > /dev/null 2>&1
  cat <&"$tail" >&3
  exit "$runledger_code"
}

runledger_deadly=' HUP INT QUIT ABRT ALRM TERM XCPU '
# Signals that came before the command was there; the command; whether a signal came lately, and at all.
runledger_pending=
runledger_child=
runledger_interrupted=
runledger_signalled=

# Without a handler a training would be killed by the warning that its batch system sends before the time is up.
dies_of() {
  local key mask caught=0 ignored=0
  while read -r key mask; do
    case $key in
      SigIgn:) ignored=$((16#$mask)) ;;
      SigCgt:) caught=$((16#$mask)) ;;
    esac
  done 2> /dev/null < "/proc/$runledger_child/status" || return 1
  [ $(((caught | ignored) >> ($1 - 1) & 1)) -eq 0 ]
}

# A terminal's own signals go to its whole foreground group.
at_terminal() {
  local stat
  read -r stat 2> /dev/null < "/proc/$runledger_child/stat" || return 1
  # state, parent, process group, session, terminal, foreground group of the terminal
  read -r -a stat <<< "${stat##*) }"
  [ "${stat[2]}" = "${stat[5]}" ]
}

on_signal() {
  runledger_interrupted=yes
  runledger_signalled=yes
  if [ -z "$runledger_child" ]; then
    runledger_pending="$runledger_pending $1"
    return
  fi
  # Until it has closed our pipe, the new process may still have our handlers, and would lose what comes. Later the number may
  # be that of one of its own files.
  while [ "/proc/$runledger_child/fd/$runledger_events" -ef "/proc/$$/fd/$runledger_events" ]; do sleep 0.01; done
  # Reported first: what sends TERM may send KILL next, to all of us.
  local word=signal
  case $1 in
    USR1) ! dies_of 10 || word=withheld ;;
    USR2) ! dies_of 12 || word=withheld ;;
  esac
  printf '%s %s\n' "$word" "$1" >&"$runledger_events"
  case $1 in
    INT | QUIT | HUP) at_terminal || kill -s "$1" "$runledger_child" ;;
    *) [ "$word" = withheld ] || kill -s "$1" "$runledger_child" ;;
  esac 2> /dev/null
}

runledger_events=-1 runledger_from=-1 runledger_errors=-1 runledger_answers=-1 runledger_kept=-1 runledger_end=-1
runledger_handled='HUP INT QUIT ABRT ALRM TERM USR1 USR2 XCPU XFSZ VTALRM PROF IO PWR PIPE'
# Of two signals at one moment, bash forgets the one with the lower number when both have a trap. SLURM sends CONT with TERM, to
# all processes; so CONT has none.
for runledger_name in $runledger_handled; do
  # shellcheck disable=SC2064 # this name, not a later one
  trap "on_signal $runledger_name" "$runledger_name"
done
trap 'bare "The launcher failed."' EXIT
{
  exec {runledger_events}<> <(:) {runledger_answers}<> <(:) {runledger_errors}<> <(:) {runledger_kept}<> <(:) &&
    exec {runledger_from}< "/proc/self/fd/$runledger_answers" {runledger_end}< "/proc/self/fd/$runledger_kept"
} 2> /dev/null ||
  bare "No pipe could be made (ulimit -n is $(ulimit -n))."

# A file is read again when the command has failed; at a terminal nothing is kept; all else is passed through Java.
runledger_passing=
[ -f /proc/self/fd/2 ] || [ -t 2 ] || [[ $runledger_closed == *2* ]] || runledger_passing=yes
recorder "${runledger_own[@]}" -- "$1" >&"$runledger_answers" {runledger_answers}>&- &
runledger_java_pid=$!
exec {runledger_answers}>&-

# A crash of Java is framed by number signs.
plain() {
  local text=${1#runledger: }
  printf '%s' "${text#\# }"
}

runledger_ready=
runledger_reason=
runledger_archive=yes
while [ -z "$runledger_ready" ]; do
  runledger_interrupted=
  if IFS= read -r -u "$runledger_from" runledger_line; then
    case $runledger_line in
      'set '*) runledger_environment+=("${runledger_line#set }") ;;
      ready) runledger_ready=yes ;;
      unarchived) runledger_archive= ;;
      *[[:alnum:]]*) runledger_reason=${runledger_reason:-$(plain "$runledger_line")} ;;
    esac
  elif [ -z "$runledger_interrupted" ]; then
    # It ended by itself: a usage error, or nothing is to be run.
    exec {runledger_errors}>&-
    wait "$runledger_java_pid" 2> /dev/null
    runledger_code=$?
    case $runledger_code in
      0 | 2)
        trap - EXIT
        exit "$runledger_code"
        ;;
    esac
    bare "${runledger_reason:-Java ended with exit code $runledger_code before it was ready.}"
  fi
done

# So that the next exec begins sooner. The command has ended: it is not slowed down, and its memory is free.
make_archive() {
  java_of_ours archive_recorder < /dev/null > /dev/null 2>&1 &
  # A signal ends the wait, and us.
  wait "$!"
}

finish() {
  trap 'exit "$runledger_code"' HUP INT QUIT TERM
  printf '%s %d\n' "$1" "$runledger_code" >&"$runledger_events"
  exec {runledger_errors}>&-
  while IFS= read -r -u "$runledger_from" runledger_line; do
    [ "$runledger_line" = "done" ] || continue
    # A process that was asked to end has no time for it.
    [ -n "$runledger_archive$runledger_signalled" ] || make_archive
    exit "$runledger_code"
  done
  echo "runledger: Java ended early; how the command ended (exit code $runledger_code) is not recorded." >&2
  exit "$runledger_code"
}

runledger_met=$runledger_pending
for runledger_name in $runledger_met; do
  # The command would have received it at once.
  if [[ $runledger_deadly == *" $runledger_name "* ]]; then
    trap - EXIT
    printf 'signal %s\n' "$runledger_name" >&"$runledger_events"
    runledger_code=$((128 + $(kill -l "$runledger_name")))
    finish ended
  fi
done

cannot_start() {
  trap - EXIT
  runledger_code=$1
  echo "runledger: Cannot run ${runledger_command[0]}: $2." >&2
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
  # shellcheck disable=SC2086 # a list of words
  trap - $runledger_handled
  [ -z "$runledger_passing" ] || exec 2> "/proc/self/fd/$runledger_errors"
  exec {runledger_events}>&- {runledger_from}<&- {runledger_errors}>&- {runledger_kept}>&- {runledger_end}<&-
  become_the_command
}

# in_background COMMAND: with the stdin that is there. Without a redirection, a command in the background gets another
# one, also in the place of one that is closed.
in_background() {
  if [ -e /proc/self/fd/0 ]; then
    "$1" <&0 &
  else
    "$1" <&- &
  fi
}

# Waits for the command in a shell that no signal interrupts: one that is interrupted while its child ends forgets how it ended.
keep() {
  # shellcheck disable=SC2086 # a list of words
  trap '' $runledger_handled
  in_background begin
  exec {runledger_events}>&- {runledger_from}<&- {runledger_errors}>&- {runledger_end}<&-
  printf '%d\n' "$!" >&"$runledger_kept"
  wait "$!" 2> /dev/null
  printf '%d\n' "$?" >&"$runledger_kept"
}
in_background keep
runledger_keeper=$!
exec {runledger_kept}>&- {runledger_errors}>&-
runledger_interrupted=
until IFS= read -r -u "$runledger_end" runledger_line; do
  [ -n "$runledger_interrupted" ] || bare "No process could be started for it."
  runledger_interrupted=
done
runledger_child=$runledger_line
trap - EXIT
printf 'started %d\n' "$runledger_child" >&"$runledger_events"
# Those that came while it was being started.
for runledger_name in ${runledger_pending#"$runledger_met"}; do on_signal "$runledger_name"; done

while :; do
  runledger_interrupted=
  wait "$runledger_keeper" 2> /dev/null
  runledger_code=$?
  if [ -z "$runledger_interrupted" ] || ! kill -0 "$runledger_keeper" 2> /dev/null; then break; fi
done
# Where somebody killed the keeper, its exit code stands for the unknown one.
IFS= read -r -u "$runledger_end" runledger_line && runledger_code=$runledger_line
finish ended
