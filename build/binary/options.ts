/** Options of Node and V8 that the binary always runs with; nobody can add to them. */
export const nodeOptions = [
  "--disable-sigusr1",
  "--disable-proto=delete",
  "--disallow-code-generation-from-strings",
  // It would let scripts call any function of any library.
  "--no-experimental-ffi",
  // Memory before speed: a small nursery, and a heap that is cleaned before it grows far.
  "--max-semi-space-size=8",
  "--heap-growing-percent=30",
];
