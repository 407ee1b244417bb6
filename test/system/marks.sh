#!/bin/sh
# Makes events without end, each with a number, and keeps the numbers: marks.sh FOLDER
# It ends once there is a file "stop" in the folder.
set -eu
number=0
while [ ! -e "$1/stop" ]; do
  number=$((number + 1))
  auditctl -m "marked-$number"
  echo "$number" >>"$1/sent"
  sleep 0.5
done
touch "$1/stopped"
