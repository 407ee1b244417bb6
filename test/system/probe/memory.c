/* Code that comes into being while a program runs, and other programs' memory. */
#include "probe.h"
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <string.h>

static int map_write_exec(const char *unused) {
  (void)unused;
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return outcome((long)page);
}

static int make_exec(const char *unused) {
  (void)unused;
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(page, 0x90, 4096);
  return outcome(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int make_memory_file(const char *unused) {
  (void)unused;
  return outcome(syscall(SYS_memfd_create, "probe", 0));
}

static int take_page_faults(const char *unused) {
  (void)unused;
  /* 1 is UFFD_USER_MODE_ONLY, which needs no right. */
  return outcome(syscall(SYS_userfaultfd, 1));
}

static int lock_memory(const char *unused) {
  (void)unused;
  static char page[8192];
  return outcome(mlock(page, sizeof page));
}

static char there[16] = "there";

static int read_process(const char *unused) {
  (void)unused;
  char here[16];
  struct iovec local = {here, sizeof here}, remote = {there, sizeof there};
  return outcome(process_vm_readv(getppid(), &local, 1, &remote, 1, 0));
}

static int write_process(const char *unused) {
  (void)unused;
  char here[16] = "here";
  struct iovec local = {here, sizeof here}, remote = {there, sizeof there};
  return outcome(process_vm_writev(getppid(), &local, 1, &remote, 1, 0));
}

static int trace_process(const char *unused) {
  (void)unused;
  return outcome(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
}

static int take_descriptor(const char *unused) {
  (void)unused;
  int parent = syscall(SYS_pidfd_open, getppid(), 0);
  return outcome(syscall(SYS_pidfd_getfd, parent, 1, 0));
}

static int compare_processes(const char *unused) {
  (void)unused;
  /* 1 is KCMP_VM. */
  return outcome(syscall(SYS_kcmp, getpid(), getppid(), 1, 0, 0));
}

const struct act memory_acts[] = {
    {"memory: map writable and executable", map_write_exec, NULL},
    {"memory: make written memory executable", make_exec, NULL},
    {"memory: memfd_create", make_memory_file, NULL},
    {"memory: userfaultfd", take_page_faults, NULL},
    {"memory: mlock", lock_memory, NULL},
    {"memory: read another process", read_process, NULL},
    {"memory: write to another process", write_process, NULL},
    {"memory: ptrace another process", trace_process, NULL},
    {"memory: take another process's descriptor", take_descriptor, NULL},
    {"memory: kcmp", compare_processes, NULL},
    {NULL, NULL, NULL},
};
