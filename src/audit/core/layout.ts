// Where things lie in the core's linear memory. Offsets and sizes are in bytes; each region ends
// with slack for reads and writes of up to 64 bytes past its last one.

/** Hash table of field names: word 0, word 1, length, key id. Slots that are free have length 0. */
export const KEYS: i32 = 0x1000;
export const KEY_SLOTS: i32 = 2_048;
/** By key id: kind of its value, where its name stands, the name's length, spare. */
export const KEY_INFO: i32 = 0x9000;
/** Literals and templates, filled by the host. */
export const CONSTANTS: i32 = 0xd000;
export const CONSTANTS_END: i32 = 0x50000;
/** By group and key id: the event generation and the field row of the first such field. */
export const SLOTS: i32 = 0x50000;
export const SLOT_KEYS: i32 = 256;
/** By key id: the body in which it was seen last. */
export const SEEN: i32 = 0x90000;
/** Positions of the objects that are open in the writer. */
export const STACK: i32 = 0x80000;
/** One row a line of the block in work. */
export const LINES: i32 = 0x100000;
export const LINE_ROWS: i32 = 8_192;
export const LINE_ROW_BYTES: i32 = 64;
/** One row a field of the event in work. */
export const FIELDS: i32 = 0x180000;
export const FIELD_ROWS: i32 = 65_536;
export const FIELD_ROW_BYTES: i32 = 32;
/** Decoded text. */
export const SCRATCH: i32 = 0x400000;
/** Resolved paths. */
export const PATHS: i32 = 0x540000;
/** Bytes that the host wants written. */
export const HOST: i32 = 0x580000;
export const HOST_BYTES: i32 = 0x7ff00;
/** The block of log in work. */
export const INPUT: i32 = 0x600000;
export const INPUT_BYTES: i32 = 0x13ff00;
/** Lines of the event in work that came with earlier blocks. */
export const EVENT: i32 = 0x780000;
/** Finished documents. One document takes at most `DOCUMENT_BYTES`. */
export const OUTPUT: i32 = 0x900000;
export const MEMORY_BYTES: i32 = 0x2200000;
