#!/bin/sh
# An administrator's and a cron job's commands, over and over, until process $1 is gone. Works in folder $2.
cd "$2" || exit 1
mkdir -p data "old files"
printf 'alpha\nbeta %s\n' "$$" >data/list.txt
cat >report <<'END'
#!/bin/sh
test -f data/list.txt && /bin/echo "report for $1" >/dev/null
END
chmod 755 report
round=0
while kill -0 "$1" 2>/dev/null; do
  round=$((round + 1))
  {
    ls -la /etc /usr/share/doc/
    grep -rn --include='*.conf' "needle $round" /etc/security
    sed -e "s/alpha/omega $round/g" -e '/^#/d' data/list.txt | sort -u | uniq -c | head -n 3
    awk -F: -v n="$round" 'BEGIN { t = "a \"quoted\" word\n" } $3 > n { print $1 t }' /etc/passwd
    find data -maxdepth 1 -type f -name "*.tmp-$round" -exec rm -f {} +
    date --iso-8601=seconds | cut -dT -f1 | tr '-' '/'
    id -un; uname -a; df -h /; nproc; tty; whoami; groups
    tar -czf "old files/backup-$((round % 7)).tgz" data && tar -tzf "old files/backup-$((round % 7)).tgz"
    sh -c "cat data/list.txt | wc -l; stat -c '%s %n' data/list.txt"
    ./report "Zürich – $round"
    env -i LANG=C.UTF-8 PATH="$PATH" printenv LANG
    basename "/srv/www/site-$round/index.html" .html; dirname /var/lib/app/state.db; readlink -f /bin/sh
    seq 1 9 | xargs -n 3 /bin/echo item
    head -c 600 /dev/urandom | base64 -w0 | sha256sum
    cp data/list.txt "data/copy of list.txt"; touch data/stamp; mv "data/copy of list.txt" data/old.txt; rm data/old.txt
    /usr/bin/python3 -S -c "import sys; sys.exit($round % 2)"
    perl -e 'print join ",", 1 .. 3'
    /usr/bin/nice -n 5 timeout 5 sleep 0.01
    getent hosts localhost; getent passwd "$(id -u)"
    cat /nonexistent/file; ./data/list.txt; mktemp -u; factor "$round"; printenv HOME; sync -d data/list.txt
    [ $((round % 40)) -ne 0 ] || /bin/echo $(seq 1 1500)
    [ $((round % 60)) -ne 0 ] || /bin/echo "$(seq 1 2500)"
  } >/dev/null 2>&1
done
