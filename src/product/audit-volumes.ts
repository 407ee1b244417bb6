/** What was done while the events of each key were counted. */
export const workloads = {
  idle: "10 minutes of an idle server",
  install: "apt-get install nginx git, with what they need",
  upgrade: "apt-get install --reinstall of six packages: openssh-server, systemd, libc-bin …",
  compile: "make -j2 of 41 sources in C",
} as const;

export type Workload = keyof typeof workloads;

type Volumes = Readonly<
  Record<string, Readonly<Partial<Record<Workload, readonly [events: number, bytes: number]>>>>
>;

/**
 * Events of each key that had any, and their bytes of audit log, on each release in a virtual machine
 * with all tiers loaded. The first rule that an event meets gives it its key, so that what a tier's
 * keys have is what it adds to the tiers before it. Key "none" is of events that no rule asks for.
 *
 * Source: test/system/rule-volume.ts; no event was lost.
 */
export const auditVolumes: Readonly<Record<"Debian 12" | "Debian 13", Volumes>> = {
  "Debian 12": {
    lg_delete: { install: [6239, 7560670], upgrade: [3613, 4828881] },
    lg_exec: { idle: [2, 2797], install: [190, 275629], upgrade: [435, 685392] },
    lg_fork: { idle: [2, 1142], install: [177, 112554], upgrade: [446, 300424] },
    lg_init: { install: [5, 6002], upgrade: [8, 8886] },
    lg_listen: { install: [4, 3028], upgrade: [2, 1358] },
    lg_log: { install: [9, 9393], upgrade: [5, 5562] },
    lg_modprobe: { upgrade: [14, 19040] },
    lg_net: { install: [3, 2270], upgrade: [7, 5039] },
    lg_pam: { upgrade: [540, 664985] },
    lg_perm: { install: [2314, 2223898], upgrade: [1467, 1458787] },
    lg_preload: { upgrade: [4, 4524] },
    lg_priv_exec: { install: [1, 1665], upgrade: [1, 1800] },
    lg_session: { upgrade: [3, 3750] },
    lg_shadow: { install: [3, 2765], upgrade: [4, 3775] },
    lg_ssh: { install: [1, 1260], upgrade: [9, 11281] },
    lg_suid: { upgrade: [1, 998] },
    lg_systemd: { install: [12, 13522], upgrade: [3774, 4725024] },
    none: { install: [34, 5393], upgrade: [99, 10999] },
  },
  "Debian 13": {
    lg_delete: { install: [17566, 21410926], upgrade: [3653, 4862768], compile: [46, 51317] },
    lg_exec: {
      idle: [2, 2797],
      install: [277, 392694],
      upgrade: [438, 689617],
      compile: [182, 261155],
    },
    lg_fork: {
      idle: [2, 1142],
      install: [256, 168644],
      upgrade: [446, 295444],
      compile: [10, 6307],
    },
    lg_init: { install: [5, 6005], upgrade: [8, 8872] },
    lg_listen: { install: [4, 3400], upgrade: [2, 1676] },
    lg_log: { install: [9, 9376], upgrade: [6, 6223] },
    lg_mknod: { upgrade: [7, 9362] },
    lg_modprobe: { upgrade: [7, 9513] },
    lg_net: { install: [5, 3798], upgrade: [11, 8508], compile: [5, 3753] },
    lg_pam: { upgrade: [545, 673341] },
    lg_perm: { install: [6811, 6565258], upgrade: [1480, 1471101], compile: [1, 1073] },
    lg_preload: { upgrade: [4, 4535] },
    lg_priv_exec: { install: [1, 1665], upgrade: [1, 1807] },
    lg_shadow: { install: [3, 2629], upgrade: [4, 3580] },
    lg_shellrc: { upgrade: [8, 10825] },
    lg_ssh: { install: [1, 1268], upgrade: [10, 12289] },
    lg_suid: { upgrade: [1, 999] },
    lg_systemd: { install: [12, 13629], upgrade: [4302, 5408910] },
    none: { install: [28, 5614], upgrade: [129, 12890], compile: [7, 2599] },
  },
};
