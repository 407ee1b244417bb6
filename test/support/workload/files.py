#!/usr/bin/python3
"""Makes, changes and removes files in folder argv[2] until process argv[1] is gone."""
import os
import sys
import time

PARENT, FOLDER = int(sys.argv[1]), sys.argv[2]
NAMES = ("index.html", "session.db-journal", "Übersicht 2026.ods", "a b.txt", ".bashrc", "id_ed25519", "x" * 180)


def attempt(call, *arguments, **options):
    try:
        return call(*arguments, **options)
    except OSError:
        return None


def change(name):
    path = os.path.join(FOLDER, "www", name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(name)
    os.chmod(path, 0o640)
    attempt(os.setxattr, path, "user.origin", b"workload")
    os.rename(path, path + ".new")
    os.link(path + ".new", path)
    os.symlink(name, path + ".link")
    attempt(os.chown, path, 33, 33)
    attempt(open, os.path.join(FOLDER, "missing", name), "w")
    os.truncate(path, 1)
    for suffix in (".link", ".new", ""):
        os.unlink(path + suffix)


os.makedirs(os.path.join(FOLDER, "www"), exist_ok=True)
os.chdir(FOLDER)
round = 0
while os.path.exists(f"/proc/{PARENT}"):
    round += 1
    for name in NAMES:
        change(f"{round % 100}-{name}")
    os.mkdir(f"www/{round}")
    os.rmdir(f"www/{round}")
    time.sleep(0.15)
