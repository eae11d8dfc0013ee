#!/usr/bin/env bash
# Packs the program as it would be published, installs it from that as strangers do, and runs what they get: `npm run test:pack`.
#
# NODES   further binaries of Node to run it on, separated by spaces; default: none besides the one in PATH
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What is fetched for one installation serves the next, and none of it stays.
export npm_config_cache="$work/cache" npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

# quietly COMMAND…: shows what it prints only if it fails.
quietly() { "$@" >"$work/output" 2>&1 || { cat "$work/output"; exit 1; }; }

quietly npm pack --pack-destination "$work"
TARBALL=$(echo "$work"/local-mtls-proxy-*.tgz)
quietly npm install --global --prefix "$work/global" "$TARBALL"
mkdir "$work/app" "$work/empty"
quietly npm install --prefix "$work/app" "$TARBALL"
NPX_DEMO=$(cd "$work/empty" && npx --yes "file:$TARBALL" demo --once)
export TARBALL NPX_DEMO GLOBAL="$work/global" APP="$work/app" NODES="${NODES:-}"
node dist/test/pack/tarball.js
