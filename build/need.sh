#!/bin/sh
# Sees to it that the system has what make targets need: need.sh TARGET…
# As root it installs what is missing with apt; else it names the command and ends with 1.
# A row: a target, Debian's package, and files of which one tells that it is there.
set -eu
rows='
setup libatomic1 /usr/lib/*/libatomic.so.1 /usr/lib64/libatomic.so.1
setup libstdc++6 /usr/lib/*/libstdc++.so.6 /usr/lib64/libstdc++.so.6
check shellcheck /usr/bin/shellcheck
build binutils /usr/bin/strip
run acl /usr/bin/setfacl
run auditd /usr/sbin/auditd
generate cpp /usr/bin/cpp
generate libaudit-dev /usr/include/libaudit.h
generate libc6-dev /usr/include/errno.h
generate linux-libc-dev /usr/include/linux/audit.h
generate linux-libc-dev-amd64-cross /usr/x86_64-linux-gnu/include/asm /usr/include/x86_64-linux-gnu/asm
generate linux-libc-dev-arm64-cross /usr/aarch64-linux-gnu/include/asm /usr/include/aarch64-linux-gnu/asm
generate linux-libc-dev-armhf-cross /usr/arm-linux-gnueabihf/include/asm
generate linux-libc-dev-i386-cross /usr/i686-linux-gnu/include/asm
generate linux-libc-dev-ppc64el-cross /usr/powerpc64le-linux-gnu/include/asm
generate linux-libc-dev-riscv64-cross /usr/riscv64-linux-gnu/include/asm
generate linux-libc-dev-s390x-cross /usr/s390x-linux-gnu/include/asm
test acl /usr/bin/setfacl
test ansible-core /usr/bin/ansible-playbook
test apt-utils /usr/bin/apt-ftparchive
test auditd /usr/sbin/auditd
test binutils /usr/bin/objdump
test binutils-aarch64-linux-gnu /usr/bin/aarch64-linux-gnu-strip
test busybox-static /usr/share/doc/busybox-static/copyright
test createrepo-c /usr/bin/createrepo_c
test dash /usr/bin/dash
test debconf /usr/share/debconf/confmodule
test dnf /usr/bin/dnf
test faketime /usr/bin/faketime
test file /usr/bin/file
test gnupg /usr/bin/gpg
test groff-base /usr/bin/groff
test gzip /bin/gzip
test libatomic1-arm64-cross /usr/aarch64-linux-gnu/lib/libatomic.so.1
test libauparse0 /usr/lib/*/libauparse.so.0
test libstdc++6-arm64-cross /usr/aarch64-linux-gnu/lib/libstdc++.so.6
test lintian /usr/bin/lintian
test man-db /usr/bin/man
test mmdebstrap /usr/bin/mmdebstrap
test mount /bin/mount
test patchelf /usr/bin/patchelf
test piuparts /usr/sbin/piuparts
test po-debconf /usr/bin/po2debconf
test python3 /usr/bin/python3
test qemu-user-static /usr/bin/qemu-aarch64-static
test rpm /usr/bin/rpmbuild
test rpmlint /usr/bin/rpmlint
test shellcheck /usr/bin/shellcheck
test strace /usr/bin/strace
test systemd /usr/bin/systemd-analyze
test util-linux /usr/bin/setpriv
test-system e2fsprogs /sbin/mkfs.ext4
test-system gcc /usr/bin/gcc
test-system libc6-dev /usr/lib/*/libc.a
test-system mmdebstrap /usr/bin/mmdebstrap
test-system po-debconf /usr/bin/po2debconf
test-system qemu-system-x86 /usr/bin/qemu-system-x86_64
test-system qemu-utils /usr/bin/qemu-img
test-system util-linux /usr/bin/setpriv
packages binutils /usr/bin/strip
packages binutils-aarch64-linux-gnu /usr/bin/aarch64-linux-gnu-strip
packages binutils-x86-64-linux-gnu /usr/bin/x86_64-linux-gnu-strip
packages dpkg /usr/bin/dpkg-deb
packages patchelf /usr/bin/patchelf
packages po-debconf /usr/bin/po2debconf
packages rpm /usr/bin/rpmbuild
repo apt-utils /usr/bin/apt-ftparchive
repo createrepo-c /usr/bin/createrepo_c
repo dpkg /usr/bin/dpkg-deb
repo gnupg /usr/bin/gpg
repo rpm /usr/bin/rpmsign
repo xz-utils /usr/bin/xz
bench auditd /usr/sbin/auditd
bench laurel /usr/sbin/laurel
bench perl /usr/bin/perl
bench python3 /usr/bin/python3
bench util-linux /usr/bin/setpriv
'

# Prints the packages that the targets lack.
missing() {
  for wanted; do
    echo "$rows" | while read -r target package files; do
      [ "$target" = "$wanted" ] || continue
      found=
      # The files are globs, so they are not quoted.
      # shellcheck disable=SC2086
      for file in $files; do [ ! -e "$file" ] || found=yes; done
      [ -n "$found" ] || echo "$package"
    done
  done | sort -u | tr '\n' ' '
}

packages=$(missing "$@")
[ -n "$packages" ] || exit 0
install="apt-get install --yes --no-install-recommends $packages"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Missing: $packages– run as root: $install" >&2
  exit 1
fi
echo "Installing $packages" >&2
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# The packages are words.
# shellcheck disable=SC2086
if { apt-get update && $install; } >"$log" 2>&1 && [ -z "$(missing "$@")" ]; then
  rm -f "$log"
else
  cat "$log" >&2
  echo "Cannot install $packages" >&2
  exit 1
fi
