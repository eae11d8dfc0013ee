#!/usr/bin/env bash
# Makes a certificate authority, a server certificate and a client certificate for development, never for production:
# the authority's key lies unencrypted beside them.
#
# usage: make-dev-pki.sh [--force] [--dir DIR] [--days N] [SERVER-NAME…]
#   --force        overwrite what an earlier run made
#   --dir DIR      where to put the files; default: the folder of this script
#   --days N       how long the certificates are valid; default 365
#   SERVER-NAME…   more names or addresses of the server, besides localhost, 127.0.0.1 and ::1
#
# Needs bash 3.2 or later and OpenSSL 1.1.1 or later.
set -euo pipefail

usage() { sed -n '5,9s/^# \{0,1\}//p' "$0"; }
fail() { printf 'make-dev-pki.sh: %s\n' "$1" >&2; exit "${2:-1}"; }

dir=$(cd "$(dirname "$0")" && pwd)
days=365
force=
names=(localhost 127.0.0.1 ::1)
while [ $# -gt 0 ]; do
  case $1 in
    --force) force=1 ;;
    --dir) [ $# -gt 1 ] || fail '--dir needs a folder' 2; dir=$2; shift ;;
    --days) [ $# -gt 1 ] || fail '--days needs a number' 2; days=$2; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; fail "unknown option $1" 2 ;;
    *) names+=("$1") ;;
  esac
  shift
done
[[ $days =~ ^[1-9][0-9]{0,4}$ ]] || fail "--days takes a number of days, not '$days'" 2
command -v openssl >/dev/null || fail 'openssl is not installed'
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

files=(ca.pem ca.key server.crt server.key client.crt client.key)
if [ -z "$force" ]; then
  for file in "${files[@]}"; do
    [ ! -e "$dir/$file" ] || fail "$dir/$file is there already; --force overwrites it"
  done
fi

san=
for name in "${names[@]}"; do
  case $name in
    *[!0-9A-Za-z.:*_-]*) fail "'$name' is neither a host name nor an address" 2 ;;
    *:*) san+=",IP:$name" ;;
    *[!0-9.]*) san+=",DNS:$name" ;;
    *) san+=",IP:$name" ;;
  esac
done

# All is made in a folder of its own and then moved, so that a failure leaves neither half a PKI nor half of an old one.
umask 077
work=$(mktemp -d "$dir/.make.XXXXXX")
trap 'rm -rf "$work"' EXIT
cat >"$work/openssl.cnf" <<CNF
[req]
prompt = no
distinguished_name = name
[name]
CN = unused, -subj says it
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${san#,}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CNF

# OpenSSL reports its progress on stderr: shown only if it fails.
quietly() { "$@" 2>"$work/errors" || { cat "$work/errors" >&2; fail 'openssl failed'; }; }
new_key() { quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve -out "$1"; }
issue() { # FILE-STEM COMMON-NAME SECTION
  new_key "$work/$1.key"
  quietly openssl req -new -sha256 -config "$work/openssl.cnf" -key "$work/$1.key" -subj "/O=Development only/CN=$2" -out "$work/$1.csr"
  quietly openssl x509 -req -sha256 -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days "$days" \
    -set_serial "0x40$(openssl rand -hex 15)" -extfile "$work/openssl.cnf" -extensions "$3" -out "$work/$1.crt"
}

new_key "$work/ca.key"
quietly openssl req -x509 -new -sha256 -config "$work/openssl.cnf" -extensions ca -key "$work/ca.key" -days "$days" \
  -set_serial "0x40$(openssl rand -hex 15)" -subj '/O=Development only/CN=Development CA' -out "$work/ca.pem"
issue server localhost server
issue client development-client client

chmod 600 "$work"/*.key
chmod 644 "$work/ca.pem" "$work"/*.crt
for file in "${files[@]}"; do mv -f "$work/$file" "$dir/$file"; done

cat <<DONE
Made in $dir, valid for $days days:
  ca.pem ca.key           the authority
  server.crt server.key   for ${names[*]}
  client.crt client.key   for the proxy

For a route of proxy.yaml:

    tls:
      ca: $dir/ca.pem
      cert: $dir/client.crt
      key: $dir/client.key

For the server: server.crt, server.key, and ca.pem as the authority of its clients.
DONE
