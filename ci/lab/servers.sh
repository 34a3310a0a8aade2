# The servers under test. Sourced by ci/lab.sh. (Those that clients are tested against are in
# ci/servers.sh.)
#
#   lab_serve OUTPUT COMMAND..        starts one in the background
#   lab_stop                          ends it
#   lab_requests CONNECTIONS SECONDS  its rate, by wrk
#   lab_cpu PID                       the CPU time of a process

# lab_serve OUTPUT COMMAND..: starts a server in the background that prints
# "listening on ... ADDRESS:PORT", and sets SERVER_PID and SERVER_ADDRESS.
lab_serve() {
    local output="$1" tries
    shift
    : >"$output"
    "$@" >"$output" 2>&1 </dev/null &
    SERVER_PID=$!
    for tries in $(seq 1200); do
        SERVER_ADDRESS="$(sed -n 's#^listening on \(http://\)\{0,1\}##p' "$output" | head -n 1)"
        [ -z "$SERVER_ADDRESS" ] || return 0
        kill -0 "$SERVER_PID" 2>/dev/null || break
        sleep 0.05
    done
    cat "$output" >&2
    die "the server did not start: $*"
}

# Ends the server that lab_serve has started; fails when it has ended before.
lab_stop() {
    kill "$SERVER_PID" 2>/dev/null || die "the server has ended by itself"
    wait "$SERVER_PID" 2>/dev/null || true
}

# lab_requests CONNECTIONS SECONDS: requests a second of the running server by wrk;
# fails when one of them was not answered well.
lab_requests() {
    local output
    output="$(wrk -t1 --timeout 20s "-c$1" "-d${2}s" "http://$SERVER_ADDRESS/")"
    if grep -qE 'Non-2xx|Socket errors' <<<"$output"; then
        printf '%s\n' "$output" >&2
        return 1
    fi
    awk '/^Requests\/sec:/ { print $2 }' <<<"$output"
}

# The CPU time of a process so far, in hundredths of a second.
lab_cpu() {
    awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}
