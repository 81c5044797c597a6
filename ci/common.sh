# shellcheck shell=bash
# What the scripts in ci/ share. Sourced; sets `root`. Everything here writes to standard error.
# shellcheck disable=SC2034  # root is for the scripts that source this
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf 'keytrail: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 4
}

# configure PRESET: only where build/PRESET is not configured yet. A build folder that came here with a moved or copied
# checkout names its old place and is made anew.
configure() {
  local folder="$root/build/$1" log="$root/build/$1.configure.log"
  if [[ -f $folder/build.ninja ]]; then
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" && return 0
    say "build/$1 belongs to another folder; making it anew"
    rm -rf -- "$folder"
  fi
  mkdir -p -- "$root/build"
  say "configuring build/$1"
  if ! (cd -- "$root" && cmake --preset "$1") >"$log" 2>&1; then
    cat -- "$log" >&2
    die "cmake could not configure build/$1 (the lines above; also in $log)"
  fi
}

# build PRESET TARGET…: says nothing when there is nothing to do. The lock keeps two callers from building in one folder.
build() {
  local preset=$1 folder="$root/build/$1"
  shift
  configure "$preset"
  (
    flock 9
    ninja -C "$folder" -j "${KEYTRAIL_JOBS:-$(nproc)}" "$@" 2>&1 | progress "building $* in build/$preset"
  ) 9>"$root/build/$preset.lock" || die "the build failed (the lines above)"
}

# progress TITLE: passes on what ninja says, without what it says when it has nothing to do; on a terminal its steps take
# turns on one line.
progress() {
  local line titled="" ending=""
  while IFS= read -r line; do
    case $line in
      "ninja: Entering directory"* | "ninja: no work to do." | *"Re-checking globbed directories..."*) continue ;;
    esac
    [[ -n $titled ]] || say "$1"
    titled=1
    if [[ -t 2 && $line == "["*/*"] "* ]]; then
      printf '\r\033[K%.*s' "${COLUMNS:-80}" "$line" >&2
      ending=$'\n'
    else
      printf '%s%s\n' "$ending" "$line" >&2
      ending=""
    fi
  done
  printf '%s' "$ending" >&2
}

# validator: fetches the validators of npm into build/npm when they are not there, and tells the tests where they are. Without
# a network the tests that want them say that they were skipped.
validator() {
  [[ -f $root/ci/package.json ]] || return 0
  local folder="$root/build/npm" how=install
  local program="$folder/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
  export KEYTRAIL_NPM="$folder/node_modules"
  if [[ ! -f $program || $root/ci/package.json -nt $folder/package.json ]]; then
    say "fetching validators from npm"
    mkdir -p -- "$folder"
    cp -- "$root"/ci/package*.json "$folder/"
    [[ ! -f $root/ci/package-lock.json ]] || how=ci
    if ! timeout 300 npm "$how" --prefix "$folder" --no-audit --no-fund --loglevel=error >&2; then
      rm -f -- "$folder/package.json"
      say "npm is out of reach: the tests that run its validators will be SKIPPED"
      return 0
    fi
  fi
  export KEYTRAIL_SARIF_MULTITOOL="$program"
}
