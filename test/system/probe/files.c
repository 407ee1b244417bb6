/* Files that are not the agent's, and what it might make of its own. */
#include "probe.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* A place where the agent may write. */
#define OWN "/var/lib/linuxguard"

static int write_in(const char *directory) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/linuxguard-probe", directory);
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file == -1) return errno;
  unlink(path);
  return 0;
}

/* Opened only, nothing is written. */
static int open_to_write(const char *path) {
  return outcome(open(path, O_WRONLY | O_CLOEXEC));
}

static int open_to_read(const char *path) {
  return outcome(open(path, O_RDONLY | O_CLOEXEC));
}

static int list(const char *path) {
  return opendir(path) == NULL ? errno : 0;
}

static int write_cgroup(const char *unused) {
  (void)unused;
  char line[PATH_MAX], path[PATH_MAX + 64];
  FILE *file = fopen("/proc/self/cgroup", "r");
  if (file == NULL || fgets(line, sizeof line, file) == NULL) return errno;
  line[strcspn(line, "\n")] = '\0';
  snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", strstr(line, "::") + 2);
  return open_to_write(path);
}

/* A file of the agent's own, which is gone again when the act ends. */
static int make_own(char *path, size_t size) {
  snprintf(path, size, OWN "/linuxguard-probe-%d", getpid());
  return open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
}

static int set_mode(const char *bit) {
  char path[PATH_MAX];
  int file = make_own(path, sizeof path);
  int result = file == -1 ? errno : outcome(fchmod(file, 0700 | (*bit == 'u' ? S_ISUID : S_ISGID)));
  unlink(path);
  return result;
}

static int create_with_mode(const char *unused) {
  (void)unused;
  char path[PATH_MAX];
  snprintf(path, sizeof path, OWN "/linuxguard-probe-%d", getpid());
  int result = outcome(open(path, O_WRONLY | O_CREAT | O_EXCL, 04700));
  unlink(path);
  return result;
}

static int change_owner(const char *unused) {
  (void)unused;
  char path[PATH_MAX];
  int file = make_own(path, sizeof path);
  int result = file == -1 ? errno : outcome(fchown(file, getuid(), getgid()));
  unlink(path);
  return result;
}

static int make_node(const char *kind) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, OWN "/linuxguard-probe-%d", getpid());
  mode_t mode = (*kind == 'p' ? S_IFIFO : S_IFCHR) | 0600;
  int result = outcome(mknod(path, mode, makedev(1, 3)));
  unlink(path);
  return result;
}

static int link_to(const char *target) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, OWN "/linuxguard-probe-%d", getpid());
  int result = outcome(link(target, path));
  unlink(path);
  return result;
}

static int write_through_link(const char *target) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, OWN "/linuxguard-probe-%d", getpid());
  if (symlink(target, path) == -1) return errno;
  int result = open_to_write(path);
  unlink(path);
  return result;
}

/* Copies this program into a directory; gives the descriptor of the copy. */
static int copy_to(const char *directory, char *path, size_t size) {
  static char block[1 << 16];
  snprintf(path, size, "%s/linuxguard-probe-%d", directory, getpid());
  int from = open("/proc/self/exe", O_RDONLY);
  int to = open(path, O_RDWR | O_CREAT | O_TRUNC, 0700);
  if (from == -1 || to == -1) return -1;
  for (ssize_t got; (got = read(from, block, sizeof block)) > 0;) {
    if (write(to, block, got) != got) return -1;
  }
  return to;
}

/* With arguments by which a shell does nothing, and a copy of this program, too. */
static int run_program(const char *path) {
  char *const arguments[] = {"probe", "-c", ":", NULL}, *const environment[] = {NULL};
  execve(path, arguments, environment);
  return errno;
}

static int run_copy(const char *directory) {
  char path[PATH_MAX];
  int copy = copy_to(directory, path, sizeof path);
  if (copy == -1) return errno;
  close(copy);
  pid_t child = vfork();
  if (child == 0) _exit(run_program(path));
  int status;
  waitpid(child, &status, 0);
  unlink(path);
  return WEXITSTATUS(status);
}

static int map_copy(const char *directory) {
  char path[PATH_MAX];
  int copy = copy_to(directory, path, sizeof path);
  if (copy == -1) return errno;
  void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, copy, 0);
  int result = outcome((long)code);
  unlink(path);
  return result;
}

const struct act file_acts[] = {
    {"write: /etc", write_in, "/etc"},
    {"write: /etc/systemd/system", write_in, "/etc/systemd/system"},
    {"write: /etc/audit", write_in, "/etc/audit"},
    {"write: /usr/bin", write_in, "/usr/bin"},
    {"write: /usr/lib", write_in, "/usr/lib"},
    {"write: /boot", write_in, "/boot"},
    {"write: /opt", write_in, "/opt"},
    {"write: /srv", write_in, "/srv"},
    {"write: /home", write_in, "/home"},
    {"write: /root", write_in, "/root"},
    {"write: /run", write_in, "/run"},
    {"write: /var/lib", write_in, "/var/lib"},
    {"write: /var/log", write_in, "/var/log"},
    {"write: /var/log/audit", write_in, "/var/log/audit"},
    {"write: /dev", write_in, "/dev"},
    {"write: /dev/shm", write_in, "/dev/shm"},
    {"write: the audit log", open_to_write, "/var/log/audit/audit.log"},
    {"write: a setting of the kernel", open_to_write, "/proc/sys/kernel/core_pattern"},
    {"write: /proc/sysrq-trigger", open_to_write, "/proc/sysrq-trigger"},
    {"write: /sys", open_to_write, "/sys/kernel/mm/transparent_hugepage/enabled"},
    {"write: the limits of its cgroup", write_cgroup, NULL},
    {"write: the disk", open_to_write, "/dev/vda"},
    {"write: /dev/kmsg", open_to_write, "/dev/kmsg"},
    {"read: the disk", open_to_read, "/dev/vda"},
    {"read: /dev/mem", open_to_read, "/dev/mem"},
    {"read: the kernel's log", open_to_read, "/proc/kmsg"},
    {"read: /etc/shadow", open_to_read, "/etc/shadow"},
    {"read: /root", list, "/root"},
    {"read: /home", list, "/home"},
    {"read: environment of init", open_to_read, "/proc/1/environ"},
    {"file: set-user-ID bit", set_mode, "u"},
    {"file: set-group-ID bit", set_mode, "g"},
    {"file: made with set-user-ID bit", create_with_mode, NULL},
    {"file: chown", change_owner, NULL},
    {"file: mknod, a device", make_node, "c"},
    {"file: mknod, a pipe", make_node, "p"},
    {"file: hard link to root's", link_to, "/etc/passwd"},
    {"file: write to root's by a symbolic link", write_through_link, "/etc/passwd"},
    {"run: /bin/sh", run_program, "/bin/sh"},
    {"run: /usr/bin/su", run_program, "/usr/bin/su"},
    {"run: own file in /etc/linuxguard", run_copy, "/etc/linuxguard"},
    {"run: own file in /var/lib/linuxguard", run_copy, OWN},
    {"run: own file in /run/linuxguard", run_copy, "/run/linuxguard"},
    {"run: own file in /var/log/linuxguard", run_copy, "/var/log/linuxguard"},
    {"run: own file in /tmp", run_copy, "/tmp"},
    {"run: own file in /var/tmp", run_copy, "/var/tmp"},
    {"run: own file in /dev/shm", run_copy, "/dev/shm"},
    {"run: own file as a library", map_copy, OWN},
    {"need: write to /etc/linuxguard", write_in, "/etc/linuxguard"},
    {"need: write to /var/lib/linuxguard", write_in, OWN},
    {"need: write to /run/linuxguard", write_in, "/run/linuxguard"},
    {"need: write to /var/log/linuxguard", write_in, "/var/log/linuxguard"},
    {"need: write to a /tmp of its own", write_in, "/tmp"},
    {"need: read the audit log", open_to_read, "/var/log/audit/audit.log"},
    {"need: read what all may read", open_to_read, "/etc/passwd"},
    {"need: see processes", open_to_read, "/proc/1/cmdline"},
    {NULL, NULL, NULL},
};
