/* The kernel and the machine. Where an act might do harm if it were let in, it is given what makes no sense. */
#include "probe.h"
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/io.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

static int set_up_io_uring(const char *unused) {
  (void)unused;
  char parameters[120] = {0};
  return outcome(syscall(SYS_io_uring_setup, 1, parameters));
}

static int load_bpf(const char *unused) {
  (void)unused;
  union bpf_attr map = {
      .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
  return outcome(syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map));
}

static int open_performance_event(const char *unused) {
  (void)unused;
  struct perf_event_attr event = {
      .type = PERF_TYPE_SOFTWARE, .size = sizeof event, .config = PERF_COUNT_SW_CPU_CLOCK};
  return outcome(syscall(SYS_perf_event_open, &event, -1, 0, -1, 0));
}

static int add_key(const char *unused) {
  (void)unused;
  /* -2 is the process's own keyring. */
  return outcome(syscall(SYS_add_key, "user", "probe", "x", 1, -2));
}

static int ask_keyring(const char *unused) {
  (void)unused;
  /* 0 is KEYCTL_GET_KEYRING_ID. */
  return outcome(syscall(SYS_keyctl, 0, -2, 1));
}

static int load_module(const char *unused) {
  (void)unused;
  return outcome_but(syscall(SYS_init_module, "no module", 9, ""), ENOEXEC);
}

static int load_module_file(const char *unused) {
  (void)unused;
  return outcome_but(syscall(SYS_finit_module, -1, "", 0), EBADF);
}

static int unload_module(const char *unused) {
  (void)unused;
  return outcome_but(syscall(SYS_delete_module, "linuxguard_probe", O_NONBLOCK), ENOENT);
}

static int load_kernel(const char *unused) {
  (void)unused;
  return outcome_but(syscall(SYS_kexec_load, 0, -1L, NULL, 0), EINVAL);
}

static int restart_machine(const char *unused) {
  (void)unused;
  /* Only says what Ctrl-Alt-Del does. */
  return outcome(reboot(RB_DISABLE_CAD));
}

static int set_clock(const char *unused) {
  (void)unused;
  struct timeval now;
  gettimeofday(&now, NULL);
  return outcome(settimeofday(&now, NULL));
}

static int read_clock_state(const char *unused) {
  (void)unused;
  struct timex nothing = {0};
  return outcome(clock_adjtime(CLOCK_REALTIME, &nothing));
}

static int set_host_name(const char *unused) {
  (void)unused;
  char name[65];
  gethostname(name, sizeof name);
  return outcome(sethostname(name, strlen(name)));
}

static int start_swapping(const char *unused) {
  (void)unused;
  return outcome_but(swapon("/linuxguard-probe", 0), ENOENT);
}

static int read_kernel_log(const char *unused) {
  (void)unused;
  /* 10 is SYSLOG_ACTION_SIZE_BUFFER. */
  return outcome(klogctl(10, NULL, 0));
}

static int open_by_handle(const char *unused) {
  (void)unused;
  struct { unsigned bytes; int type; unsigned char handle[8]; } handle = {8, 1, {0}};
  return outcome_but(syscall(SYS_open_by_handle_at, -1, &handle, O_RDONLY), EBADF);
}

static int set_memory_policy(const char *unused) {
  (void)unused;
  return outcome(syscall(SYS_set_mempolicy, 0, NULL, 0));
}

static int set_up_aio(const char *unused) {
  (void)unused;
  unsigned long context = 0;
  return outcome(syscall(SYS_io_setup, 1, &context));
}

#ifdef __x86_64__
static int reach_ports(const char *unused) {
  (void)unused;
  return outcome(iopl(3));
}

static int read_descriptor_table(const char *unused) {
  (void)unused;
  char table[64];
  return outcome(syscall(SYS_modify_ldt, 0, table, sizeof table));
}

static int call_as_32_bit(const char *unused) {
  (void)unused;
  long result;
  /* 20 is getpid(2) there. */
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "r8", "r9", "r10", "r11", "memory");
  return result < 0 ? -result : 0;
}
#endif

const struct act system_acts[] = {
    {"kernel: io_uring_setup", set_up_io_uring, NULL},
    {"kernel: io_setup", set_up_aio, NULL},
    {"kernel: bpf", load_bpf, NULL},
    {"kernel: perf_event_open", open_performance_event, NULL},
    {"kernel: add_key", add_key, NULL},
    {"kernel: keyctl", ask_keyring, NULL},
    {"kernel: init_module", load_module, NULL},
    {"kernel: finit_module", load_module_file, NULL},
    {"kernel: delete_module", unload_module, NULL},
    {"kernel: kexec_load", load_kernel, NULL},
    {"kernel: syslog", read_kernel_log, NULL},
    {"kernel: open_by_handle_at", open_by_handle, NULL},
    {"kernel: set_mempolicy", set_memory_policy, NULL},
    {"machine: reboot", restart_machine, NULL},
    {"machine: settimeofday", set_clock, NULL},
    {"machine: clock_adjtime", read_clock_state, NULL},
    {"machine: sethostname", set_host_name, NULL},
    {"machine: swapon", start_swapping, NULL},
#ifdef __x86_64__
    {"machine: iopl", reach_ports, NULL},
    {"machine: modify_ldt", read_descriptor_table, NULL},
    {"kernel: call of a 32-bit program", call_as_32_bit, NULL},
#endif
    {NULL, NULL, NULL},
};
