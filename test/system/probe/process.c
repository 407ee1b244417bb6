/* Other identities, namespaces, priorities and limits. */
#include "probe.h"
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static int set_user(const char *unused) {
  (void)unused;
  return outcome(setuid(getuid()));
}

static int set_group(const char *unused) {
  (void)unused;
  return outcome(setgid(getgid()));
}

static int set_users(const char *unused) {
  (void)unused;
  return outcome(setresuid(-1, getuid(), -1));
}

static int set_groups(const char *unused) {
  (void)unused;
  gid_t groups[64];
  return outcome(setgroups(getgroups(64, groups), groups));
}

static int become_root(const char *unused) {
  (void)unused;
  return outcome(setresuid(0, 0, 0));
}

static int set_capabilities(const char *unused) {
  (void)unused;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) == -1) return errno;
  return outcome(syscall(SYS_capset, &header, data));
}

/* Any account may make a user namespace, and in it any other. */
static int make_namespace(const char *flag) {
  return outcome(unshare(CLONE_NEWUSER | strtol(flag, NULL, 16)));
}

static int clone_namespace(const char *unused) {
  (void)unused;
  struct { uint64_t flags, words[10]; } arguments = {CLONE_NEWUSER, {0, 0, 0, SIGCHLD}};
  long child = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) _exit(0);
  return outcome(child);
}

static int enter_namespace(const char *path) {
  int namespace = open(path, O_RDONLY);
  return namespace == -1 ? errno : outcome(setns(namespace, 0));
}

static int change_root(const char *path) {
  return outcome(chroot(path));
}

static int mount_tmpfs(const char *path) {
  int result = outcome(mount("probe", path, "tmpfs", 0, NULL));
  if (result == 0) umount2(path, MNT_DETACH);
  return result;
}

static int move_root(const char *unused) {
  (void)unused;
  return outcome_but(syscall(SYS_pivot_root, "/proc", "/proc"), EINVAL);
}

static int open_file_system(const char *type) {
  return outcome(syscall(SYS_fsopen, type, 0));
}

static int turn_off_randomisation(const char *unused) {
  (void)unused;
  return outcome(personality(ADDR_NO_RANDOMIZE));
}

static int signal_process(const char *pid) {
  return outcome(kill(atoi(pid), 0));
}

static int be_real_time(const char *unused) {
  (void)unused;
  struct sched_param parameters = {.sched_priority = 1};
  return outcome(sched_setscheduler(0, SCHED_FIFO, &parameters));
}

static int raise_priority(const char *unused) {
  (void)unused;
  return outcome(setpriority(PRIO_PROCESS, 0, -5));
}

static int choose_processor(const char *unused) {
  (void)unused;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(0, &set);
  return outcome(sched_setaffinity(0, sizeof set, &set));
}

static int raise_io_priority(const char *unused) {
  (void)unused;
  /* The process itself, class best effort, level 0. */
  return outcome(syscall(SYS_ioprio_set, 1, 0, 2 << 13));
}

static int raise_core_limit(const char *unused) {
  (void)unused;
  struct rlimit limit = {1 << 20, 1 << 20};
  return outcome(setrlimit(RLIMIT_CORE, &limit));
}

static int raise_file_limit(const char *unused) {
  (void)unused;
  struct rlimit limit = {8192, 8192};
  return outcome(setrlimit(RLIMIT_NOFILE, &limit));
}

const struct act process_acts[] = {
    {"identity: setuid", set_user, NULL},
    {"identity: setgid", set_group, NULL},
    {"identity: setresuid", set_users, NULL},
    {"identity: setgroups", set_groups, NULL},
    {"identity: become root", become_root, NULL},
    {"identity: capset", set_capabilities, NULL},
    {"namespace: user", make_namespace, "0"},
    {"namespace: mount", make_namespace, "20000"},
    {"namespace: cgroup", make_namespace, "2000000"},
    {"namespace: uts", make_namespace, "4000000"},
    {"namespace: ipc", make_namespace, "8000000"},
    {"namespace: pid", make_namespace, "20000000"},
    {"namespace: network", make_namespace, "40000000"},
    {"namespace: time", make_namespace, "80"},
    {"namespace: user, by clone3", clone_namespace, NULL},
    {"namespace: enter that of init", enter_namespace, "/proc/1/ns/net"},
    {"namespace: enter one's own again", enter_namespace, "/proc/self/ns/uts"},
    {"mount: chroot", change_root, "/"},
    {"mount: tmpfs", mount_tmpfs, "/tmp"},
    {"mount: pivot_root", move_root, NULL},
    {"mount: fsopen", open_file_system, "tmpfs"},
    {"process: personality", turn_off_randomisation, NULL},
    {"process: signal init", signal_process, "1"},
    {"process: real-time scheduling", be_real_time, NULL},
    {"process: nice below 0", raise_priority, NULL},
    {"process: choose a processor", choose_processor, NULL},
    {"process: ioprio_set", raise_io_priority, NULL},
    {"process: raise the limit of core dumps", raise_core_limit, NULL},
    {"process: raise the limit of open files", raise_file_limit, NULL},
    {NULL, NULL, NULL},
};
