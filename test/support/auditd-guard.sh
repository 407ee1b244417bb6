#!/bin/sh
# Holds the audit lock, runs one private auditd and undoes all of it when its standard input ends,
# which is also when the process that started it dies in any way.
# Use: auditd-guard.sh LOCK FOLDER    (FOLDER/conf/auditd.conf exists)
# Says "pid N" for every auditd it starts, or "busy N" if one runs that is not ours; obeys "restart".
set -u
folder=$2
exec 9>>"$1"
flock 9
status=$(auditctl -s)
backlog=$(echo "$status" | sed -n 's/^backlog_limit //p')
running=$(echo "$status" | sed -n 's/^pid //p')
# The kernel forgets an auditd that was killed only when it next sends to it.
if [ "$running" != 0 ] && [ -d "/proc/$running" ]; then
  rm -rf -- "$folder"
  echo "busy $running"
  exit 0
fi
pid=

start() {
  auditd -n -c "$folder/conf" 9>&- <&- >/dev/null 2>&1 &
  pid=$!
  echo "pid $pid"
}

end() {
  [ -n "$pid" ] || return 0
  kill -TERM "$pid" 2>/dev/null || :
  wait "$pid"
  pid=
}

start
while read -r line; do
  case $line in
    restart) end && start ;;
    *) ;;
  esac
done
auditctl -D >/dev/null 2>&1
auditctl -e 0 >/dev/null 2>&1
auditctl -b "${backlog:-64}" >/dev/null 2>&1
end
rm -rf -- "$folder"
