# Sourced by quickstart and verify: installs the Debian packages they need and that are missing.
# shellcheck shell=bash

say() {
  printf '\n== %s\n' "$*"
}

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# A JDK of 17 or newer, however it was installed.
has_jdk() {
  local version
  command -v javac > /dev/null || return 1
  version=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 17 ]
}

has_certificates() {
  [ -s /etc/ssl/certs/ca-certificates.crt ]
}

# A PostgreSQL server of 15 or newer; Debian keeps its programs off PATH.
has_postgres() {
  local server version
  for server in "$(command -v postgres)" /usr/lib/postgresql/*/bin/postgres; do
    [ -x "$server" ] || continue
    version=$("$server" --version | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 15 ] && return
  done
  return 1
}

# install_missing WORD...: each of jdk, maven, certificates, venv, postgres, or a command.
install_missing() {
  local word packages=()
  for word in "$@"; do
    case $word in
      jdk) has_jdk || packages+=(openjdk-17-jdk-headless) ;;
      maven) command -v mvn > /dev/null || packages+=(maven) ;;
      certificates) has_certificates || packages+=(ca-certificates) ;;
      venv) python3 -c 'import ensurepip' 2> /dev/null || packages+=(python3-venv) ;;
      postgres) has_postgres || packages+=(postgresql) ;;
      Rscript) command -v "$word" > /dev/null || packages+=(r-base-core) ;;
      node) command -v "$word" > /dev/null || packages+=(nodejs) ;;
      go) command -v "$word" > /dev/null || packages+=(golang-go) ;;
      gcc) command -v "$word" > /dev/null || packages+=(gcc libc6-dev) ;;
      *) command -v "$word" > /dev/null || packages+=("$word") ;;
    esac
  done
  if [ "${#packages[@]}" -eq 0 ]; then
    say "Nothing to install: $* are here"
    return
  fi
  install_packages "${packages[@]}" || fail "${packages[*]} could not be installed."
  has_jdk || fail "There is still no JDK 17 on PATH; set PATH to one and run this again."
}

# install_packages PACKAGE...: by apt, as root or with sudo.
install_packages() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null \
      || fail "$* must be installed; run this as root, or install them yourself and run it again."
    as_root=(sudo)
  fi
  command -v apt-get > /dev/null \
    || fail "$* must be installed, and there is no apt-get here; install them and run this again."
  say "Installing $*"
  "${as_root[@]}" apt-get update -q > /dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "$@" > /dev/null
}

# install_if_possible COMMAND PACKAGE: where COMMAND is missing ('' for a package without one); continues without it.
install_if_possible() {
  [ -n "$1" ] && command -v "$1" > /dev/null && return
  (install_packages "$2") || say "$2 is missing: what needs it is skipped"
}

# python_with VENV REQUIREMENTS: a virtual environment with what pip installs by that file, recreated when the file has changed.
python_with() {
  if cmp -s "$2" "$1/requirements.txt" && "$1/bin/python" -c ''; then return; fi
  say "Installing what $2 names into $1"
  python3 -m venv --clear "$1" \
    && "$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$2" \
    && cp "$2" "$1/requirements.txt"
}

# only_test CLASSES OPTIONS...: builds what is needed and runs these integration tests of deploy/tests, commas between them.
# The goals are named, because the phase would be 'verify', with every module's own integration tests.
only_test() {
  local classes=$1
  shift
  mvn -B --no-transfer-progress -q -T 2 -pl deploy/tests -am -Dspotless.check.skip \
    package failsafe:integration-test failsafe:verify -Dtest=NONE -Dsurefire.failIfNoSpecifiedTests=false \
    "-Dit.test=$classes" -Dfailsafe.failIfNoSpecifiedTests=false -DexcludedGroups= "$@" < /dev/null
}
