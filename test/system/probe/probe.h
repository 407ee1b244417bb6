/* What a taken-over agent might try, one function each. */
#ifndef PROBE_H
#define PROBE_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

/* 0 if the kernel did it, else the errno by which it refused. Runs in a process of its own. */
struct act {
  const char *name;
  int (*try)(const char *argument);
  const char *argument;
};

extern const struct act memory_acts[], process_acts[], socket_acts[], file_acts[], system_acts[];

/* For a call that gives -1 and errno. */
static inline int outcome(long result) {
  return result == -1 ? errno : 0;
}

/* As outcome(), for a call with arguments that make no sense: the errno that tells so means it was let in. */
static inline int outcome_but(long result, int senseless) {
  return result == -1 && errno != senseless ? errno : 0;
}

#endif
