#!/usr/bin/env bash
# Installs or finds what the tests need, and runs all of them. Ends with "N passed, N failed".
#   ./test.sh                    everything
#   ./test.sh tests/Billing.X    one project
# Needs the .NET 10 SDK and Node.js 20.19 or later. PostgreSQL (15 or later) and Chromium are found, or installed where apt-get is at hand.
# The tests start and stop their own servers, on the loopback only.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { printf '%s\n' "$*" >&2; }
need() { command -v "$1" > /dev/null || { say "$1 is missing: $2"; exit 2; }; }
need dotnet "install the .NET 10 SDK, https://dotnet.microsoft.com/download"
need node "install Node.js 20.19 or later, https://nodejs.org"
need npm "it comes with Node.js"

postgres() { command -v initdb > /dev/null || ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1; }
chromium() { command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null; }
missing=()
[ -n "${BILLING_TEST_POSTGRES:-}" ] || postgres || missing+=(postgresql)
chromium || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    command -v apt-get > /dev/null && { [ -z "$as_root" ] || command -v sudo > /dev/null; } \
        || { say "Install ${missing[*]} and run this again. For PostgreSQL, BILLING_TEST_POSTGRES may name a server instead."; exit 2; }
    say "Installing ${missing[*]} ..."
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi

[ tests/clients/node_modules/.package-lock.json -nt tests/clients/package-lock.json ] || npm ci --prefix tests/clients --no-audit --no-fund --loglevel=error

log=$(mktemp) pages=$(mktemp)
trap 'rm -f "$log" "$pages"' EXIT
status=0
# One project at a time: each starts servers and keeps both cores of a small machine busy.
dotnet test ${1:+--project "$1"} --max-parallel-test-modules 1 2>&1 | tee "$log" || status=$?
passed=$(sed -n 's/^ *succeeded: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
failed=$(sed -n 's/^ *failed: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
[ -n "$passed" ] || { say "The tests did not run."; passed=0 failed=1 status=1; }
[ "$status" = 0 ] || [ "${failed:-0}" != 0 ] || failed=1

# The build above has installed what the pages need.
if [ $# = 0 ]; then
    npm test --prefix src/Billing.Web -- --reporter=default --reporter=json --outputFile="$pages" || status=1
    count() { node -p "JSON.parse(require('fs').readFileSync('$pages', 'utf8')).$1" 2> /dev/null || echo "$2"; }
    passed=$((passed + $(count numPassedTests 0))) failed=$((failed + $(count numFailedTests 1)))
fi
# What failed, once more: the hosts' own lines are many.
grep -A 8 -E '^failed ' "$log" | cut -c 1-400 || true
echo "${passed} passed, ${failed:-0} failed"
exit "$status"
