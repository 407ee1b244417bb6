/** What was done while the events of each key were counted. */
export const workloads = {
  idle: "10 minutes of an idle server",
  install: "apt-get install nginx git, with what they need",
  upgrade: "apt-get install --reinstall of six packages: openssh-server, systemd, libc-bin …",
  compile: "make -j2 of 41 sources in C",
} as const;

export type Workload = keyof typeof workloads;

/** Megabytes of audit log that each workload gave with all tiers loaded. */
export const logMegabytes: Readonly<Record<Workload, number>> = {
  idle: 0.01,
  install: 29.7,
  upgrade: 13.5,
  compile: 0.3,
};

type Counts = Readonly<Partial<Record<Workload, number>>>;

/**
 * Events of each key that had any, in a virtual machine with Debian 13 and all tiers loaded.
 *
 * Source: test/system/rule-volume.sh; no event was lost.
 */
export const auditVolumes: Readonly<Record<string, Counts>> = {
  lg_delete: { install: 18_142, upgrade: 3_661, compile: 46 },
  lg_exec: { idle: 2, install: 361, upgrade: 448, compile: 182 },
  lg_fork: { idle: 2, install: 331, upgrade: 451, compile: 10 },
  lg_init: { install: 5, upgrade: 8 },
  lg_listen: { install: 4, upgrade: 2 },
  lg_log: { install: 9, upgrade: 6 },
  lg_mknod: { upgrade: 7 },
  lg_modprobe: { upgrade: 7 },
  lg_net: { idle: 6, install: 9, upgrade: 17, compile: 5 },
  lg_pam: { upgrade: 545 },
  lg_perm: { install: 7_011, upgrade: 1_480, compile: 1 },
  lg_preload: { upgrade: 4 },
  lg_priv_exec: { install: 1, upgrade: 1 },
  lg_shadow: { install: 3, upgrade: 4 },
  lg_shellrc: { upgrade: 8 },
  lg_ssh: { install: 1, upgrade: 10 },
  lg_suid: { upgrade: 1 },
  lg_systemd: { install: 12, upgrade: 4_302 },
};
