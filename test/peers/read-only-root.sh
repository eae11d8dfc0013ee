#!/usr/bin/env bash
# Runs the command where nothing can be written, the way a container without any volume would: in a mount namespace of its
# own, below a root of its own that holds no more than the system's libraries, Node, the package and the configuration, all of
# it read-only, without /proc, /dev and /tmp; as the uid 12345, which no account has, without capabilities, and
# without a way to new ones. Needs root, and unshare and setpriv of util-linux.
#
# usage: unshare --mount --propagation private read-only-root.sh ROOT TRACE SOCKETS NODE PACKAGE ARGUMENT… --config FILE
#   ROOT      an empty folder, which is the new root in this namespace
#   TRACE     where strace lists every system call on files; empty: no strace
#   SOCKETS   yes: /run/sockets can be written to
set -euo pipefail
root=$1 trace=$2 sockets=$3 node=$4 package=$5
shift 5
file=${*: -1}

mount -t tmpfs -o mode=0755 root "$root"
for name in bin sbin lib lib64 usr etc; do
  [ -e "/$name" ] || continue
  if [ -L "/$name" ]; then
    cp -P "/$name" "$root/$name"
  else
    mkdir "$root/$name"
    mount --bind "/$name" "$root/$name"
    mount -o remount,ro,bind "$root/$name"
  fi
done
mkdir -p "$root/app/dist/src" "$root/app/node_modules" "$root/run"
touch "$root/node"
mount --bind "$node" "$root/node"
mount -o remount,ro,bind "$root/node"
for name in dist/src node_modules; do
  mount --bind "$package/$name" "$root/app/$name"
  mount -o remount,ro,bind "$root/app/$name"
done
cp "$package/package.json" "$root/app/"
cp -r "$(dirname "$file")" "$root/config"
chmod -R a+rX "$root/config"
if [ "$sockets" = yes ]; then
  mkdir "$root/run/sockets"
  mount -t tmpfs -o mode=0700,uid=12345,gid=12345 sockets "$root/run/sockets"
fi
mount -o remount,ro "$root"

way=(chroot "$root" /usr/bin/setpriv --reuid 12345 --regid 12345 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs)
# The proof that the place is what it says.
for folder in / /config /app/dist/src /etc /usr; do
  if chroot "$root" /usr/bin/touch "$folder/x" 2>/dev/null; then echo "read-only-root.sh: $folder can be written to" >&2; exit 3; fi
done
if "${way[@]}" /usr/bin/chown 0 /config 2>/dev/null; then echo 'read-only-root.sh: there are capabilities' >&2; exit 3; fi

# -D: the command itself stays the child of whoever started this, and gets its signals.
[ -z "$trace" ] || way=(strace -D -f -q -e trace=%file,bind,connect -o "$trace" "${way[@]}")
cd /
exec "${way[@]}" /node /app/dist/src/main.js "${@:1:$#-1}" "/config/$(basename "$file")"
