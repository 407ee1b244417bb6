#!/bin/sh
# Installs Node and all tools, as package-lock.json names them: setup.sh NODE
# npm leaves out packages that ask for a newer Node than runs it, so an old one only fetches the new one.
set -eu

install() {
  NODE_NO_WARNINGS=1 npm ci --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error "$@" >/dev/null
}

if ! node -e 'process.exit(Number.parseInt(process.versions.node) >= 24 ? 0 : 1)'; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  install --omit=dev
  cp "$1" "$folder/node"
  PATH=$folder:$PATH
fi
install
