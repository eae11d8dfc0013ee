#!/usr/bin/env bash
# Runs lines that set up a service, in a mount namespace of its own in which /etc is a copy and /opt and /var/log are empty, so that
# nothing of the machine is changed. `npm`, `systemctl` and `journalctl` are stand-ins that print how they were called: the packages are
# installed by the Dockerfile in the same words, and no systemd runs here. `enable` is done by the real systemctl, on the files.
# Then it prints what came of it. Needs root, and unshare of util-linux.
#
# usage: unshare --mount --propagation private etc-of-its-own.sh FOLDER LINES      FOLDER: an empty one
set -euo pipefail
folder=$1 lines=$2
mkdir "$folder/etc" "$folder/bin"
cp -a /etc/. "$folder/etc"
mount --bind "$folder/etc" /etc
mount -t tmpfs opt /opt
mount -t tmpfs log /var/log

systemctl=$(command -v systemctl)
for name in npm systemctl journalctl; do
  cat >"$folder/bin/$name" <<END
#!/usr/bin/env bash
echo "$name \$*"
END
  chmod +x "$folder/bin/$name"
done
cat >>"$folder/bin/systemctl" <<END
if [ "\$1 \$2" = 'enable --now' ]; then "$systemctl" --root=/ enable "\$3" >&2; fi
END
export PATH="$folder/bin:$PATH:/usr/sbin"

bash -euc "$lines"
stat -c '%A %U %G %n' /etc/mtls-proxy
sed -nE 's/^(mtls-proxy):.*:(.*)$/\1 \2/p' /etc/passwd
cd /etc/systemd/system
ls -d ./*.wants/mtls-proxy.* | cut -c 3-
