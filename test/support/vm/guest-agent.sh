#!/bin/sh
# Runs in a virtual machine what the host sends through a virtio port, one command after the other.
# Asked: "run SCRIPT-BYTES INPUT-BYTES", then these bytes. Told: "ready BOOT-ID" once, then for each
# command "ended STATUS OUTPUT-BYTES ERROR-BYTES", then these bytes.
set -eu
work=$(mktemp -d /run/guest-agent.XXXXXX)
cd /root
exec 3<>/dev/virtio-ports/linuxguard.test
printf 'ready %s\n' "$(cat /proc/sys/kernel/random/boot_id)" >&3
while read -r _ script input <&3; do
  head -c "$script" <&3 >"$work/script"
  head -c "$input" <&3 >"$work/input"
  status=0
  sh -eu "$work/script" <"$work/input" >"$work/output" 2>"$work/error" 3>&- || status=$?
  output=$(stat -c %s "$work/output")
  error=$(stat -c %s "$work/error")
  {
    printf 'ended %s %s %s\n' "$status" "$output" "$error"
    head -c "$output" "$work/output"
    head -c "$error" "$work/error"
  } >&3
done
