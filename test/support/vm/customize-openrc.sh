#!/bin/sh
# Has a Debian in a folder be booted by OpenRC, with the services that an Alpine begins with:
# customize-openrc.sh ROOT (a hook of mmdebstrap, after customize.sh).
set -eu
root=$1

# Debian 13 cannot install it, for want of what updates links of sysvinit.
# shellcheck disable=SC2016 # The shell in the root expands it.
chroot "$root" sh -euc 'cd /root
  apt-get -qq download openrc libeinfo1 librc1t64
  for file in *.deb; do dpkg-deb --extract "$file" /; rm "$file"; done
  ldconfig' 2>/dev/null
ln -sf openrc-init "$root/usr/sbin/init"
for act in reboot poweroff; do
  rm -f "$root/usr/sbin/$act"
  printf '#!/bin/sh\nexec openrc-shutdown --%s now\n' "$act" >"$root/usr/sbin/$act"
  chmod 755 "$root/usr/sbin/$act"
done

# What Debian has here is for sysvinit.
rm -f "$root"/etc/init.d/* "$root"/etc/runlevels/*/*
: >"$root/etc/insserv.conf"
echo 'rc_cgroup_mode="unified"' >"$root/etc/rc.conf"
add() {
  cat >"$root/etc/init.d/$2"
  chmod 755 "$root/etc/init.d/$2"
  ln -s "/etc/init.d/$2" "$root/etc/runlevels/$1/$2"
}
add sysinit cgroups <<'END'
#!/sbin/openrc-run
start() {
  mountinfo -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
  echo '+memory +pids +cpu' >/sys/fs/cgroup/cgroup.subtree_control
}
END
add boot localmount <<'END'
#!/sbin/openrc-run
start() { mount -o remount,rw / && mount -a; }
END
add boot hostname <<'END'
#!/sbin/openrc-run
start() { hostname guest && ip link set lo up; }
END
add default auditd <<'END'
#!/sbin/openrc-run
command=/sbin/auditd
pidfile=/run/auditd.pid
depend() { need localmount; }
start_post() { auditctl -R /etc/audit/audit.rules >/dev/null; }
END
add default guest-agent <<'END'
#!/sbin/openrc-run
depend() { after *; }
start() {
  modprobe virtio_console
  for name in /sys/class/virtio-ports/*/name; do
    mkdir -p /dev/virtio-ports
    ln -sf "/dev/$(basename "$(dirname "$name")")" "/dev/virtio-ports/$(cat "$name")"
  done
  LC_ALL=C.UTF-8 HOME=/root setsid /usr/local/sbin/guest-agent >/dev/null 2>&1 </dev/null &
}
END
