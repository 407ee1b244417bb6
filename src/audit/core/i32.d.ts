/** AssemblyScript's 32-bit integer; to TypeScript a number that stays within that range. */
declare type i32 = number;
