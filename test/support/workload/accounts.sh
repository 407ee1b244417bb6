#!/bin/sh
# Becomes other users by su and setpriv, until process $1 is gone. Works in folder $2.
cd / || exit 1
while kill -0 "$1" 2>/dev/null; do
  {
    su -s /bin/sh -c 'id; umask' nobody
    su - daemon -s /bin/sh -c "cat '$2/private'"
    setpriv --reuid=33 --regid=33 --clear-groups -- /bin/sh -c 'ls /root; cat /etc/shadow; id -u'
    su no-such-user -c true
    setpriv --reuid=65534 --clear-groups -- /bin/chmod 4755 /bin/true
    # A login of its own: LOGIN, and an auid on all that follows.
    /bin/sh -c 'echo 1 >/proc/self/loginuid; ls /; /usr/bin/stat -c %U /etc/passwd; rm -f /etc/no-such-file'
  } >/dev/null 2>&1 </dev/null
done
