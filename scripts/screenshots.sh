#!/usr/bin/env bash
# Makes the pictures of docs/images anew, from the built product in a Chromium.
set -euo pipefail
cd "$(dirname "$0")/../tests/Billing.EndToEnd"
dotnet build -v quiet
exec dotnet exec bin/Debug/net10.0/Billing.EndToEnd.dll --no-progress --explicit only --filter-class "*Browsers.Screenshots"
