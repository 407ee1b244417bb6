#!/bin/sh
# Root's part of `make run`, undone when its standard input ends: also when `make run` dies in any way.
# guard.sh live UID LOG        lets UID read the log of the auditd that runs
# guard.sh private FOLDER      runs an auditd upon FOLDER/conf; FOLDER goes in the end
# Adds audit rules if the kernel has none. Says "waiting" and "ready N", N being the rules it added;
# obeys "grant", as auditd may undo what it gave.
set -u
trap '' HUP INT TERM PIPE
mode=$1
key=linuxguard-run

# --- the log's access control list

grant() {
  # A rotated log's successor inherits this, and has its group's rights from here once it is revoked.
  setfacl -m "u:$uid:rx,d:u:$uid:r,d:u::rw,d:g::$group_rights,d:o::-" "$folder"
  setfacl -m "u:$uid:r" "$log" "$log".[0-9]* 2>/dev/null || setfacl -m "u:$uid:r" "$log"
}

revoke() {
  setfacl -x "u:$uid,d:u:$uid" "$folder"
  [ -n "$folder_acl" ] || setfacl -b -k "$folder"
  for file in "$log" "$log".[0-9]*; do
    [ -f "$file" ] || continue
    setfacl -x "u:$uid" "$file"
    getfacl -cp "$file" | grep -Eq '^(user|group):[^:]' || setfacl -b "$file"
  done
}

# --- audit rules

add_rules() {
  added=0
  [ "$(auditctl -l)" = "No rules" ] || return 0
  while read -r rule; do
    # A rule is words, so it is not quoted.
    # shellcheck disable=SC2086
    if auditctl -a always,exit -F arch=b64 $rule -k "$key" >/dev/null 2>&1; then
      added=$((added + 1))
    fi
  done <<END
-S execve,execveat
-S connect -F saddr_fam=2
-S connect -F saddr_fam=10
-S init_module,finit_module,delete_module
-S ptrace
-F path=/etc/passwd -F perm=wa
-F path=/etc/shadow -F perm=rwa
-F path=/etc/group -F perm=wa
-F path=/etc/sudoers -F perm=wa
-F dir=/etc/ssh -F perm=wa
END
}

status() {
  auditctl -s | sed -n "s/^$1 //p"
}

# --- the whole

case $mode in
  live)
    uid=$2
    log=$3
    folder=${log%/*}
    folder_acl=$(getfacl -cps "$folder")
    group_rights=$(getfacl -cp "$log" | sed -n 's/^group:://p')
    grant
    ;;
  private)
    folder=$2
    mkdir -p /run/lock
    exec 9>>/run/lock/linuxguard-audit.lock
    flock -n 9 || { echo waiting && flock 9; }
    enabled=$(status enabled)
    backlog=$(status backlog_limit)
    auditd -n -c "$folder/conf" 9>&- <&- >/dev/null 2>&1 &
    auditd=$!
    auditctl -b 8192 >/dev/null 2>&1
    auditctl -e 1 >/dev/null 2>&1
    ;;
esac
add_rules
echo "ready $added"

while read -r line; do
  case $line in
    grant) grant ;;
    *) ;;
  esac
done

[ "$added" = 0 ] || auditctl -D -k "$key" >/dev/null 2>&1
case $mode in
  live) revoke ;;
  private)
    auditctl -e "$enabled" >/dev/null 2>&1
    auditctl -b "$backlog" >/dev/null 2>&1
    kill -TERM "$auditd" 2>/dev/null
    wait "$auditd"
    rm -rf -- "$folder"
    ;;
esac
