#!/usr/bin/env bash
# Measures Billing beside Billing.Plain and prints the medians as a Markdown table. It starts a PostgreSQL cluster of its own, with default durability and on
# the loopback only, builds Release, measures both services in turn, and ends what it started by its process id. One round of purchases and writes takes about twenty minutes.
#   ROUNDS        rounds of everything (3)
#   TURNS         how often both services are measured in turn in each round of purchases (5)
#   SCENARIOS     "purchase writes lists issue redeem": leave out what is not wanted
#   SECONDS_EACH  the window of each measurement (8)
#   MILLION       the larger number of stored orders for the lists, and of codes to issue (1000000)
#   SCRATCH       where the cluster, the builds and the results go; kept when it is given (a new temporary folder)
#   PG_BIN        PostgreSQL's programs, if initdb is not on the PATH
#   PORT          the first of four ports (5590)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rounds=${ROUNDS:-3} turns=${TURNS:-5} scenarios=${SCENARIOS:-purchase writes lists issue redeem} seconds=${SECONDS_EACH:-8} million=${MILLION:-1000000} port=${PORT:-5590}
scratch=${SCRATCH:-$(mktemp -d)}
bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -1)}
bin=${bin:-$(dirname "$(command -v initdb || { echo "Set PG_BIN to the folder of PostgreSQL's programs." >&2; exit 2; })")}
billing_port=$((port + 1)) plain_port=$((port + 2)) silo_port=$((port + 3))
secret=benchmark-secret-benchmark-secret-benchmark
results=$scratch/results.jsonl failed=0
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
wants() { [[ " $scenarios " == *" $1 "* ]]; }

# --- PostgreSQL, which refuses to run as root -------------------------------------------------------------------------
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
sql() { "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres "$@"; }
at() { echo "Host=127.0.0.1;Port=$port;Username=postgres;Database=$1"; }
cluster=$scratch/postgres server=0
# By their ids, and each once: an id that has ended may be another's.
declare -A running=()
stop_server() { local ended=${1:-$server}; unset "running[$ended]"; kill "$ended" 2> /dev/null || true; wait "$ended" 2> /dev/null || true; }
stop_servers() { for one in "${!running[@]}"; do stop_server "$one"; done; }
stop_cluster() { if [ -f "$cluster/postmaster.pid" ]; then as_postgres "$bin/pg_ctl" -D "$cluster" -m fast -w stop > /dev/null || true; fi; }
trap 'stop_servers; stop_cluster; [ -n "${SCRATCH:-}" ] || rm -rf "$scratch"' EXIT
mkdir -p "$scratch"; stop_cluster; rm -rf "$cluster"; mkdir "$cluster"; : > "$results"
if [ "$(id -u)" = 0 ]; then chmod 755 "$scratch"; chown postgres "$cluster"; fi
as_postgres "$bin/initdb" -D "$cluster" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > /dev/null
as_postgres "$bin/pg_ctl" -D "$cluster" -l "$cluster/log" -w start > /dev/null \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=512MB"
postmaster=$(head -1 "$cluster/postmaster.pid")
fresh() { sql -d postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1" -c CHECKPOINT; }

# --- The builds ---------------------------------------------------------------------------------------------------------
dotnet publish "$here/Billing.Benchmarks" -c Release -o "$scratch/driver" -v quiet
dotnet publish "$here/Billing.Plain" -c Release -o "$scratch/plain" -v quiet
dotnet publish "$here/../src/Billing.Silo" -c Release -o "$scratch/billing" -v quiet
driver() { timeout 900 dotnet "$scratch/driver/Billing.Benchmarks.dll" "$@"; }
measure() { driver "$@" --postmaster-pid "$postmaster" | tee -a "$results" >&2 || { failed=1; echo "# failed: $*" >&2; }; }
wait_for() {
    for _ in $(seq 300); do
        if curl -fs -o /dev/null "$1"; then return; fi
        kill -0 "$server" 2> /dev/null || break
        sleep 0.2
    done
    echo "$1 does not answer; see $scratch/*.log" >&2; exit 1
}

# Development, for its sign-in and its sandbox; everything else is as in production, but that nobody here orders too much or is refused too often.
start_billing() {
    (cd "$scratch/billing" && exec env ASPNETCORE_ENVIRONMENT=Development ASPNETCORE_URLS="http://127.0.0.1:$billing_port" ConnectionStrings__Billing="$(at "$1")" \
        Billing__PaymentMethods__sandbox__Secret=$secret Billing__Orders__MaxOpenOrders=1000 Billing__Api__PurchasesAtOnce=1000000 Billing__Cluster__SiloPort=$silo_port \
        Billing__Codes__RefusalsOfAccount=10000 Billing__Codes__RefusalRecovery=00:00:00.001 \
        Logging__LogLevel__Default=Warning Logging__LogLevel__Microsoft.Hosting.Lifetime=Warning dotnet Billing.Silo.dll > "$scratch/billing.log" 2>&1) & server=$!; running[$server]=1
    wait_for "http://127.0.0.1:$billing_port/health/ready"
}
start_plain() {
    (cd "$scratch/plain" && exec env ASPNETCORE_URLS="http://127.0.0.1:$plain_port" ConnectionStrings__Plain="$(at "$1")" Plain__Secret=$secret \
        dotnet Billing.Plain.dll > "$scratch/plain.log" 2>&1) & server=$!; running[$server]=1
    for _ in $(seq 100); do if (exec 3<> "/dev/tcp/127.0.0.1/$plain_port") 2> /dev/null; then return; fi; sleep 0.2; done
    echo "Billing.Plain does not answer; see $scratch/plain.log" >&2; exit 1
}

# The runtime compiles what it runs anew, with what it has learnt, on a thread of its own; when everything else wants the processor too, that takes many minutes. A few buyers
# leave it the time.
warm_up() { driver "$@" --connections 3 --accounts 50 --seconds 1 --warmup 60 > /dev/null; }
# Both services run, each on its own database, and are measured in turn within the same minute: a machine that is now faster and now slower is so for both. What one
# has left to do afterwards is done before the other begins.
settle() {
    for _ in $(seq 1500); do
        [ "$(sql -d "${1:-billing}" -c "SELECT max(journal.position) - max(statistics_progress.position) < 1000 FROM journal, statistics_progress")" = t ] && return
        sleep 0.2
    done
    echo "The statistics do not catch up." >&2; exit 1
}
purchases() {
    # The driver has to warm up too.
    local to=(purchase --secret $secret --seconds "$seconds" --warmup 3 --warmup-operations "$1"); shift
    measure "${to[@]}" --target plain --url "http://127.0.0.1:$plain_port/" --server-pid "$plain_server" "$@"
    measure "${to[@]}" --target billing --url "http://127.0.0.1:$billing_port/" --server-pid "$billing_server" "$@"
    settle
}
purchase_round() {
    fresh plain; start_plain plain; plain_server=$server
    fresh billing; start_billing billing; billing_server=$server
    warm_up purchase --target plain --url "http://127.0.0.1:$plain_port/" --secret $secret --server-pid "$plain_server" --postmaster-pid "$postmaster"
    warm_up purchase --target billing --url "http://127.0.0.1:$billing_port/" --secret $secret --server-pid "$billing_server" --postmaster-pid "$postmaster"
    for _ in $(seq "$turns"); do
        purchases 10000 --connections 32 --accounts 200
        purchases 10000 --connections 64 --accounts 200
        purchases 1000 --connections 1 --accounts 200
        purchases 10000 --connections 32 --accounts 1
    done
    stop_server "$plain_server"; stop_server "$billing_server"
    [ "$(sql -d plain -f "$here/Billing.Plain/verify.sql")" = "0|0|0" ] || { echo "The sums of Billing.Plain are wrong." >&2; exit 1; }
    (cd "$scratch/billing" && ConnectionStrings__Billing="$(at billing)" dotnet Billing.Silo.dll verify >&2)
}
writes_round() {
    for through in grains store; do
        fresh writes
        measure writes --through $through --database postgres --at "$(at writes)" --silo-port $silo_port --seconds "$seconds" --warmup 4 --warmup-operations 100000
        rm -rf "$scratch/sqlite"
        measure writes --through $through --database sqlite --at "$scratch/sqlite/billing.db" --silo-port $silo_port --seconds "$seconds" --warmup 4 --warmup-operations 100000
    done
}
issue_round() {
    for codes in $((million / 10)) "$million"; do
        fresh issued; fresh copied
        measure issue --database postgres --at "$(at issued)" --count "$codes" --silo-port $silo_port
        sql -d postgres -c CHECKPOINT
        # The very same rows.
        measure copy --from "$(at issued)" --at "$(at copied)" --count "$codes" --folder "$scratch"
        rm -rf "$scratch/sqlite"
        measure issue --database sqlite --at "$scratch/sqlite/billing.db" --count "$codes" --silo-port $silo_port
    done
}
redemptions() {
    local to=(redeem --target "$1" --url "$2" --server-pid "$server" --seconds "$seconds")
    measure "${to[@]}" --which different --accounts 2000 --codes "$3" --warmup 10 --warmup-operations 20000
    measure "${to[@]}" --which hot --accounts 60000 --warmup 3 --warmup-operations 3000
    measure "${to[@]}" --which stampede --codes 10000 --warmup 3 --warmup-operations 100
}
redeem_round() {
    fresh plain; start_plain plain
    redemptions plain "http://127.0.0.1:$plain_port/" 250000
    stop_server
    [ "$(sql -d plain -f "$here/Billing.Plain/verify.sql")" = "0|0|0" ] || { echo "The sums of Billing.Plain are wrong." >&2; exit 1; }
    fresh billing; start_billing billing
    redemptions billing "http://127.0.0.1:$billing_port/" 100000
    stop_server
    (cd "$scratch/billing" && ConnectionStrings__Billing="$(at billing)" dotnet Billing.Silo.dll verify >&2)
    for database in postgres sqlite; do
        fresh hot; rm -rf "$scratch/sqlite"
        measure hot-code --database $database --at "$([ $database = postgres ] && at hot || echo "$scratch/sqlite/billing.db")" --silo-port $silo_port --seconds "$seconds" \
            --warmup 4 --warmup-operations 20000
    done
}
lists_round() {
    for orders in 1000 "$million"; do
        start_billing "lists_$orders"
        settle "lists_$orders"
        for which in account newest; do
            measure list --which $which --orders "$orders" --accounts $((orders < 20000 ? orders / 20 : 1000)) --url "http://127.0.0.1:$billing_port/" --server-pid "$server" --seconds "$seconds" \
                --warmup 4 --warmup-operations 8000
        done
        stop_server
    done
}

if wants lists; then
    for orders in 1000 "$million"; do
        fresh "lists_$orders"
        driver seed --at "$(at "lists_$orders")" --orders "$orders" --accounts $((orders < 20000 ? orders / 20 : 1000))
    done
fi
for round in $(seq "$rounds"); do
    echo "# round $round of $rounds, load $(cut -d' ' -f1-3 /proc/loadavg)" >&2
    if wants purchase; then purchase_round; fi
    if wants writes; then writes_round; fi
    if wants lists; then lists_round; fi
    if wants issue; then issue_round; fi
    if wants redeem; then redeem_round; fi
done
if wants lists; then
    for orders in 1000 "$million"; do
        driver explain --at "$(at "lists_$orders")" --accounts $((orders < 20000 ? orders / 20 : 1000)) > "$scratch/explain-$orders.txt"
    done
    echo "# plans: $scratch/explain-*.txt" >&2
fi
driver table "$results" | tee "$scratch/table.md"
exit "$failed"
