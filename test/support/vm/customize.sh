#!/bin/sh
# Makes of a Debian in a folder one that boots in a virtual machine: customize.sh ROOT (a hook of mmdebstrap).
set -eu
root=$1
here=$(dirname "$0")

install -D -m 755 "$here/guest-agent.sh" "$root/usr/local/sbin/guest-agent"
install -m 644 "$here/guest-agent.service" "$root/etc/systemd/system/guest-agent.service"
echo guest >"$root/etc/hostname"
echo '127.0.0.1 localhost guest' >"$root/etc/hosts"
echo '/dev/vda / ext4 errors=remount-ro 0 1' >"$root/etc/fstab"
rm -f "$root/etc/machine-id"
in_root() { chroot "$root" "$@"; }
in_root systemd-machine-id-setup
in_root systemctl set-default graphical.target
in_root systemctl enable guest-agent.service
in_root systemctl mask serial-getty@ttyS0.service getty@tty1.service getty-static.service e2scrub_reap.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer

# An account of a person, who may become root and whom root may be by ssh.
in_root useradd --create-home --shell /bin/bash dev
echo 'dev ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/dev"
in_root install -d -m 700 /root/.ssh
in_root install -d -m 700 -o dev -g dev /home/dev/.ssh
in_root ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
in_root install -m 600 -o dev -g dev /root/.ssh/id_ed25519.pub /home/dev/.ssh/authorized_keys
printf 'Host 127.0.0.1\n  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n' >"$root/root/.ssh/config"
