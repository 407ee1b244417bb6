#!/bin/sh
# Counts what each audit rule records, in a virtual machine that this is the only user of.
# Use: rule-volume.sh RULES [IDLE-SECONDS]    (RULES: folder with the tiers' files)
# Needs: auditd, sshd, sudo, gcc, make; an account dev that root may log in to by ssh on loopback and
# that may use sudo; in apt's cache the packages of PACKAGES, and those of UPGRADES, which are installed.
# Says "PHASE KEY EVENTS BYTES" for each key seen, and for the events of no rule with the key "none".
# The first rule that an event meets gives it its key: a tier's share is what it adds to those before it.
set -eu
rules=$1
idle=${2:-600}
packages=${PACKAGES:-nginx git}
upgrades=${UPGRADES:-openssh-server cron rsyslog libpam-modules systemd libc-bin}
log=/var/log/audit/audit.log

phase() {
  auditctl -m "linuxguard-phase $1"
}

as_dev() {
  ssh -o StrictHostKeyChecking=no -o LogLevel=ERROR dev@127.0.0.1 "$@" >/dev/null
}

# Programs as a small project has them: each source includes headers and is compiled on its own.
write_sources() {
  mkdir "$1"
  number=0
  while [ "$number" -lt 40 ]; do
    cat >"$1/part$number.c" <<C
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int part$number(const char *text) { return printf("%zu %s\\n", strlen(text), getenv(text)); }
C
    number=$((number + 1))
  done
  echo 'int part0(const char *); int main(void) { return part0("HOME") < 0; }' >"$1/main.c"
  printf 'program: %s\n\tgcc -o $@ $^\n' "$(cd "$1" && echo *.c | sed 's/\.c\b/.o/g')" >"$1/Makefile"
  chown -R dev: "$1"
}

ip link set lo up
sed -i 's/^max_log_file = .*/max_log_file = 900/' /etc/audit/auditd.conf
auditctl --signal HUP
auditctl -b 8192 >/dev/null
auditctl --reset-lost >/dev/null
cat "$rules/base.rules" "$rules/network.rules" "$rules/compliance.rules" "$rules/forks.rules" \
  >/etc/audit/rules.d/60-linuxguard.rules
augenrules --load >/dev/null
write_sources /home/dev/project
sleep 30

phase idle
sleep "$idle"
phase install
as_dev "sudo DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends --no-download install $packages"
phase upgrade
as_dev "sudo DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends --no-download --reinstall install $upgrades"
phase compile
as_dev make -s -j2 -C project
lost=$(auditctl -s | sed -n 's/^lost //p')
[ "$lost" = 0 ] || {
  echo "The kernel dropped $lost records" >&2
  exit 1
}
phase end
sleep 5
# What it still holds back, auditd writes when it ends.
auditctl --signal TERM
sleep 5
grep -q 'linuxguard-phase end' "$log" || {
  echo "auditd did not write all of it: $(df -h "$log")" >&2
  exit 1
}

awk '
  /^type=USER / && match($0, /linuxguard-phase [a-z]+/) {
    phase = substr($0, RSTART + 17, RLENGTH - 17)
    next
  }
  phase == "" || phase == "end" { next }
  match($0, /msg=audit\([0-9.]+:[0-9]+\)/) {
    id = substr($0, RSTART + 10, RLENGTH - 11)
    if (!(id in begun)) begun[id] = phase
    size[id] += length($0) + 1
    if (/^type=SYSCALL / && match($0, /key="lg_[a-z_]+"/)) {
      key[id] = substr($0, RSTART + 5, RLENGTH - 6)
    }
  }
  END {
    for (id in begun) {
      name = begun[id] " " (id in key ? key[id] : "none")
      count[name] += 1
      bytes[name] += size[id]
    }
    for (name in count) print name, count[name], bytes[name]
  }
' "$log" | sort
