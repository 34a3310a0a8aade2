# Debian's servers for the checks of clients: each with a folder of its own, on a free
# port of loopback, in the foreground. Sourced after lab.sh, never run.
#
#   servers_begin FOLDER   the folder for all that they write; ended by servers_end
#   server_NAME            starts a server, and sets NAME_ADDRESS when it answers
#   servers_end            ends all of them, for a trap

SERVERS_PIDS=()

servers_begin() {
    SERVERS_DIR="$1"
    chmod 755 "$SERVERS_DIR"
}

servers_end() {
    local pid
    for pid in "${SERVERS_PIDS[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in "${SERVERS_PIDS[@]}"; do
        wait "$pid" 2>/dev/null || true
    done
    SERVERS_PIDS=()
}

# A port of loopback that is free now.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# server_start NAME READY COMMAND..: runs a server, and READY until it succeeds.
server_start() {
    local name="$1" ready="$2" pid
    shift 2
    "$@" >"$SERVERS_DIR/$name.log" 2>&1 </dev/null &
    pid=$!
    SERVERS_PIDS+=("$pid")
    for _ in $(seq 300); do
        ! $ready >/dev/null 2>&1 || return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$SERVERS_DIR/$name.log" >&2
    die "$name did not start"
}

# as_user USER COMMAND..: the command as that user when this is root, else as it is.
as_user() {
    local user="$1"
    shift
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid "$user" --regid "$user" --init-groups "$@"
    fi
    exec "$@"
}

# A folder below SERVERS_DIR that belongs to a server's user.
server_folder() {
    mkdir -p "$SERVERS_DIR/$1"
    [ "$(id -u)" != 0 ] || [ -z "${2:-}" ] || chown "$2" "$SERVERS_DIR/$1"
    printf '%s\n' "$SERVERS_DIR/$1"
}

# An authority, and a certificate of it for 127.0.0.1 and localhost.
server_certificates() {
    lab_program openssl openssl
    local folder
    folder="$(server_folder tls)"
    AUTHORITY="$folder/authority.pem"
    {
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=the checks' authority" \
            -keyout "$folder/authority.key" -out "$AUTHORITY"
        openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
            -keyout "$folder/server.key" -out "$folder/server.csr"
        openssl x509 -req -days 2 -CA "$AUTHORITY" -CAkey "$folder/authority.key" -CAcreateserial \
            -in "$folder/server.csr" -out "$folder/server.pem" -extfile <(
                echo 'subjectAltName = IP:127.0.0.1, DNS:localhost'
                echo 'basicConstraints = CA:FALSE')
    } >"$folder/log" 2>&1 || { cat "$folder/log" >&2; die "openssl failed"; }
}

# Answers /hello, /pattern (300,000 bytes), the same slowly, and echoes what is sent to
# /echo: nginx fills its body into a template that it fetches from itself. Sets
# NGINX_ADDRESS, NGINX_TLS_ADDRESS and AUTHORITY.
server_nginx() {
    lab_program nginx nginx-light
    lab_program curl curl
    server_certificates
    local folder
    folder="$(server_folder nginx)"
    NGINX_ADDRESS="127.0.0.1:$(free_port)" NGINX_TLS_ADDRESS="127.0.0.1:$(free_port)"
    # What client_support::pattern returns.
    LC_ALL=C awk 'BEGIN { for (i = 0; i < 300000; i++) printf "%c", 48 + (i % 251 + int(i / 251)) % 64 }' \
        >"$folder/pattern"
    printf hello >"$folder/hello"
    printf 'the body' >"$folder/template"
    chmod -R a+rX "$folder"
    cat >"$folder/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $folder/pid;
error_log stderr;
$([ "$(id -u)" != 0 ] || echo 'user www-data;')
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path $folder/client_body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    keepalive_requests 100000;
    server {
        listen $NGINX_ADDRESS;
        listen $NGINX_TLS_ADDRESS ssl;
        ssl_certificate $SERVERS_DIR/tls/server.pem;
        ssl_certificate_key $SERVERS_DIR/tls/server.key;
        root $folder;
        default_type application/octet-stream;
        location /slow/ {
            alias $folder/;
            limit_rate 10k;
        }
        location /echo {
            client_max_body_size 2m;
            client_body_buffer_size 2m;
            proxy_method GET;
            proxy_set_header Connection "";
            proxy_pass http://$NGINX_ADDRESS/template;
            sub_filter_types *;
            sub_filter 'the body' '\$request_body';
        }
    }
}
CONF
    server_start nginx "curl -fsS --max-time 2 http://$NGINX_ADDRESS/hello" \
        nginx -p "$folder" -c "$folder/nginx.conf" -e stderr
}

server_redis() {
    lab_program redis-server redis-server
    local folder port
    folder="$(server_folder redis)" port="$(free_port)"
    REDIS_ADDRESS="127.0.0.1:$port"
    server_start redis "redis-cli -p $port ping" redis-server --port "$port" --bind 127.0.0.1 \
        --dir "$folder" --save '' --appendonly no --daemonize no
}

# Sets POSTGRES_ADDRESS; the user "mio" has the database "mio" and the password "checks".
server_postgres() {
    local programs folder port
    [ -n "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || lab_packages postgresql
    programs="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)"
    folder="$(server_folder postgres postgres)" port="$(free_port)"
    POSTGRES_ADDRESS="127.0.0.1:$port"
    printf checks >"$SERVERS_DIR/password"
    chmod a+r "$SERVERS_DIR/password"
    (cd / && as_user postgres "$programs/initdb" --no-sync -U mio --auth scram-sha-256 \
        --pwfile "$SERVERS_DIR/password" -E UTF8 --locale C -D "$folder/data") >"$SERVERS_DIR/initdb.log" 2>&1 ||
        { tail -n 20 "$SERVERS_DIR/initdb.log" >&2; die "initdb failed"; }
    cd /
    server_start postgres "env PGPASSWORD=checks $programs/psql -h 127.0.0.1 -p $port -U mio -l" \
        as_user postgres "$programs/postgres" -D "$folder/data" -p "$port" -h 127.0.0.1 -k '' -c fsync=off
    cd "$OLDPWD"
    PGPASSWORD=checks "$programs/createdb" -h 127.0.0.1 -p "$port" -U mio mio
}

# Sets MARIADB_ADDRESS; the user "mio" has the database "mio" and the password "checks".
server_mariadb() {
    lab_program mariadbd mariadb-server
    local folder port user=()
    folder="$(server_folder mariadb mysql)" port="$(free_port)"
    MARIADB_ADDRESS="127.0.0.1:$port"
    [ "$(id -u)" != 0 ] || user=(--user=mysql)
    mariadb-install-db --no-defaults "${user[@]}" --datadir="$folder/data" --skip-test-db \
        --auth-root-authentication-method=normal >"$SERVERS_DIR/install.log" 2>&1 ||
        { tail -n 20 "$SERVERS_DIR/install.log" >&2; die "mariadb-install-db failed"; }
    server_start mariadb "mariadb-admin --no-defaults --socket=$folder/socket -u root ping" \
        mariadbd --no-defaults "${user[@]}" --datadir="$folder/data" --port="$port" --bind-address=127.0.0.1 \
        --socket="$folder/socket" --skip-name-resolve --max-allowed-packet=16M
    mariadb --no-defaults --socket="$folder/socket" -u root -e "CREATE DATABASE mio;
        CREATE USER mio@'127.0.0.1' IDENTIFIED BY 'checks'; GRANT ALL ON mio.* TO mio@'127.0.0.1'"
}

server_nats() {
    lab_program nats-server nats-server
    NATS_ADDRESS="127.0.0.1:$(free_port)"
    server_start nats "port_answers $NATS_ADDRESS" nats-server -a 127.0.0.1 -p "${NATS_ADDRESS##*:}" -m 0
}

port_answers() {
    (: <"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null
}
