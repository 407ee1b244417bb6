/*
 * Tries what a taken-over agent might, and prints one line of JSON for each act: {"act":…,"errno":…},
 * errno being "open" for what was not refused. To be run on machines that are thrown away only.
 */
#include "probe.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* Longer than any act takes that is not silently dropped on its way. */
#define SECONDS 3

static const struct act *const groups[] = {memory_acts, process_acts, socket_acts, file_acts,
                                           system_acts};

/* What an act ended as: a name of an errno or of a signal, or "open". */
static const char *run(const struct act *act) {
  pid_t child = fork();
  if (child == 0) {
    alarm(SECONDS);
    _exit(act->try(act->argument));
  }
  int status;
  if (child == -1 || waitpid(child, &status, 0) != child) return "fork failed";
  if (WIFSIGNALED(status)) {
    return WTERMSIG(status) == SIGALRM ? "ETIMEDOUT" : sigabbrev_np(WTERMSIG(status));
  }
  return WEXITSTATUS(status) == 0 ? "open" : strerrorname_np(WEXITSTATUS(status));
}

int main(int argc, char **argv) {
  (void)argv;
  /* A copy of this program, run by an act. */
  if (argc > 1) return 0;
  for (size_t group = 0; group < sizeof groups / sizeof *groups; group++) {
    for (const struct act *act = groups[group]; act->name != NULL; act++) {
      fflush(stdout);
      printf("{\"act\":\"%s\",\"errno\":\"%s\"}\n", act->name, run(act));
    }
  }
  return 0;
}
