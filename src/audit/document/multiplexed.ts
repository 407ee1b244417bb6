/** What socketcall() stands for, by its first argument from 1 on. Source: linux/net.h. */
const socketCalls =
  "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom " +
  "shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg";
/** What ipc() stands for, by number. Source: linux/ipc.h. */
const ipcCalls: readonly (readonly [number, string])[] = [
  [1, "semop"],
  [2, "semget"],
  [3, "semctl"],
  [4, "semtimedop"],
  [11, "msgsnd"],
  [12, "msgrcv"],
  [13, "msgget"],
  [14, "msgctl"],
  [21, "shmat"],
  [22, "shmdt"],
  [23, "shmget"],
  [24, "shmctl"],
];

/** The calls that a call of older architectures stands for, by its first argument; none for others. */
export function multiplexedCalls(name: string): readonly (readonly [number, string])[] {
  if (name === "ipc") return ipcCalls;
  if (name !== "socketcall") return [];
  return socketCalls.split(" ").map((each, index) => [index + 1, each] as const);
}
