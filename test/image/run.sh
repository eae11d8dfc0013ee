#!/usr/bin/env bash
# Builds the image with buildah, looks at what is in it, and runs it with crun: `npm run test:image`. Needs root.
#
# MAKE_BASE   a program that makes the base image named by its argument, where none can be pulled; default: none
#
# Where there is no buildah or crun, or no base image to be had, it says so, and that is no failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
make_base=${MAKE_BASE:-}
base=$(sed -n 's/^ARG BASE=//p' Dockerfile)
image=localhost/local-mtls-proxy:test

for program in buildah crun; do
  command -v "$program" >/dev/null || { echo "not possible here: there is no $program"; exit 0; }
done
work=$(mktemp -d /var/tmp/test-image.XXXXXX)
container=
trap '[ -z "$container" ] || buildah rm "$container" >/dev/null; rm -rf "$work"' EXIT

# What an earlier run left is used again; it is kept by its name, which has the version.
if ! buildah inspect --type image "$base" >/dev/null 2>&1 && ! buildah pull --quiet "$base" >/dev/null 2>"$work/pull"; then
  [ -x "$make_base" ] || { echo "not possible here: $base can neither be pulled nor made ($(tail -n 1 "$work/pull"))"; exit 0; }
  echo "making $base"
  "$make_base" "$base" >"$work/base" 2>&1 || { tail -n 20 "$work/base"; echo "not possible here: $base cannot be made"; exit 0; }
fi

# The registry, proxy and certificates by which npm works here, for the steps that need them, and in no layer.
npmrc=$work/npmrc
cat "$(npm config get userconfig)" >"$npmrc" 2>/dev/null || : >"$npmrc"
printf '\nregistry=%s\n' "$(npm config get registry)" >>"$npmrc"
mounts=()
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >>"$npmrc"
  mounts=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
fi
start=$SECONDS
# The format of Docker, for the other one has no place for a health check.
buildah bud --pull-never --quiet --format docker "${mounts[@]}" --secret "id=npmrc,src=$npmrc" --tag "$image" . >"$work/build" 2>&1 ||
  { cat "$work/build"; echo 'the image cannot be built' >&2; exit 1; }
echo "built in $((SECONDS - start)) s: $(buildah images --format '{{.Size}}' "$image"), base $(buildah images --format '{{.Size}}' "$base")"

container=$(buildah from --pull-never "$image")
buildah inspect --type image "$image" >"$work/image.json"
IMAGE_ROOT=$(buildah mount "$container")
export IMAGE_ROOT IMAGE_JSON="$work/image.json"
place=(env)
# crun takes no machine that has both kinds of control groups; in a mount namespace of its own it has one.
if [ -d /sys/fs/cgroup/unified ]; then
  cgroups='umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"'
  place=(unshare --mount --propagation private sh -c "$cgroups" sh)
fi
"${place[@]}" node dist/test/image/image.js
