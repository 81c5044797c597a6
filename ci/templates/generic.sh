#!/bin/sh
# Any CI system: scans what the current commit brings beyond BASE (a branch, a tag or a commit).
#
#     KEYTRAIL_SHA256=... BASE=origin/main ./generic.sh
#
# KEYTRAIL: the program (default: keytrail). KEYTRAIL_SHA256: what it must be, so that nobody else's program runs.
set -eu

keytrail=$(command -v "${KEYTRAIL:-keytrail}") || {
  echo 'generic.sh: keytrail is not installed; set KEYTRAIL to its path' >&2
  exit 2
}
if [ -n "${KEYTRAIL_SHA256:-}" ]; then
  echo "$KEYTRAIL_SHA256  $keytrail" | sha256sum --check --quiet - || exit 2
fi
base=${BASE:?a branch, a tag or a commit to compare with}

# A shallow clone does not know where the two sides part.
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
  git fetch --quiet --no-tags --unshallow origin
fi
exec "$keytrail" scan --since-ref "$base" --report junit=keytrail.xml --report sarif=keytrail.sarif
