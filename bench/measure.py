"""Runs a command and prints, as JSON, what it cost: wall and CPU seconds, peak RSS in KiB, exit code."""

import json
import os
import sys
import time

start = time.monotonic()
pid = os.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print(
    json.dumps(
        {
            "wallSeconds": time.monotonic() - start,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            "peakRssKiB": usage.ru_maxrss,
            "exitCode": os.waitstatus_to_exitcode(status),
        }
    )
)
