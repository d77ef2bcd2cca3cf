/** Methods that every Node.js Buffer has and @types/node leaves out. Offsets are bytes; they skip `toString`'s look at the encoding. */
interface Buffer {
  latin1Slice(start?: number, end?: number): string;
  utf8Slice(start?: number, end?: number): string;
  /** Returns the number of bytes written. */
  latin1Write(text: string, offset?: number, length?: number): number;
  /** Returns the number of bytes written. */
  utf8Write(text: string, offset?: number, length?: number): number;
}
