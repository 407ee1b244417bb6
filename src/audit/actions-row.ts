/** What an action was done to, so where a document says it. */
export type ActionObject =
  /** The process that acts. */
  | "process"
  /** The process that OBJ_PID records or the first argument name. */
  | "target-process"
  | "file"
  /** A file system: its device and where it is mounted. */
  | "mount"
  /** SOCKADDR is where traffic goes. */
  | "network-destination"
  /** SOCKADDR is where traffic comes from. */
  | "network-source"
  /** SOCKADDR is this host's own end. */
  | "network-local"
  | "network-interface"
  | "firewall"
  /** The account that a record names. */
  | "user"
  | "group"
  | "session"
  | "host"
  | "driver"
  | "service"
  /** The audit system itself. */
  | "audit"
  /** A security module's policy or labels. */
  | "policy"
  | "memory"
  /** System V and POSIX queues, semaphores and shared memory. */
  | "ipc"
  | "key"
  | "device"
  | "package"
  | "virtual-machine";

/** One action: ECS categories and types, each parted by spaces, and the names it goes for, likewise. */
export type ActionRow = readonly [
  category: string,
  type: string,
  action: string,
  object: ActionObject,
  names: string,
];
