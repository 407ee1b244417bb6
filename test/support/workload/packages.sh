#!/bin/sh
# Looks at packages and builds, unpacks and asks one of its own, until process $1 is gone. Works in folder $2.
cd "$2" || exit 1
mkdir -p tool/DEBIAN tool/usr/share/tool
round=0
while kill -0 "$1" 2>/dev/null; do
  round=$((round + 1))
  {
    printf 'Package: tool\nVersion: 1.%s\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: a tool\n' \
      "$round" >tool/DEBIAN/control
    echo "$round" >tool/usr/share/tool/version
    dpkg-deb --build --root-owner-group tool "tool_1.$round.deb"
    dpkg-deb --info "tool_1.$round.deb"; dpkg-deb --contents "tool_1.$round.deb"; dpkg -x "tool_1.$round.deb" out
    rm -rf out "tool_1.$round.deb"
    dpkg -s coreutils; dpkg -L base-files; dpkg-query -W -f '${Package} ${Version}\n' 'lib*'
    apt-cache policy bash; dpkg --compare-versions "1.$round" lt 1.10; dpkg-architecture -qDEB_HOST_ARCH
    ldconfig -p; update-alternatives --display awk
  } >/dev/null 2>&1
done
