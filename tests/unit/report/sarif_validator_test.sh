#!/bin/sh
# The SARIF validator takes every sample without an error or a warning, under its own rules and GitHub's.
# usage: sarif_validator_test.sh SAMPLE-PROGRAM SOURCE-ROOT
# The validator comes with `npm ci --prefix ci`, or $KEYTRAIL_SARIF_MULTITOOL names it.
set -u
samples=$1
root=$2

find_validator() {
  if [ -n "${KEYTRAIL_SARIF_MULTITOOL:-}" ]; then
    echo "$KEYTRAIL_SARIF_MULTITOOL"
    return
  fi
  # The program itself and not its node wrapper, which loses quotes and exit codes.
  for folder in "$root/ci/node_modules" "$root/node_modules"; do
    if [ -f "$folder/@microsoft/sarif-multitool-linux/Sarif.Multitool" ]; then
      echo "$folder/@microsoft/sarif-multitool-linux/Sarif.Multitool"
      return
    fi
  done
}

validator=$(find_validator)
if [ -z "$validator" ] || [ ! -f "$validator" ]; then
  echo "SKIPPED: no SARIF validator; install it with: npm install --prefix ci" >&2
  exit 77
fi
# npm does not always run the package's own chmod.
[ -x "$validator" ] || chmod u+x "$validator" || exit 1

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$samples" "$work" || exit 1

export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export DOTNET_CLI_TELEMETRY_OPTOUT=1
failed=0
for file in "$work"/*.sarif; do
  "$validator" validate "$file" --rule-kind 'Sarif;Ghas' --level 'Error;Warning' > "$work/log" 2>&1
  code=$?
  if [ $code -ne 0 ] || grep -E ': (error|warning) ' "$work/log" || ! grep -q 'completed successfully' "$work/log"; then
    echo "$(basename "$file"): the validator objects (exit code $code)" >&2
    cat "$work/log" >&2
    failed=1
  fi
done

# A validator that accepts anything proves nothing.
echo '{"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [{}]}]}' > "$work/bad.sarif"
"$validator" validate "$work/bad.sarif" --rule-kind 'Sarif;Ghas' --level 'Error;Warning' > "$work/log" 2>&1
if ! grep -qE ': error ' "$work/log"; then
  echo "the validator accepts a file that is none" >&2
  cat "$work/log" >&2
  failed=1
fi
exit $failed
