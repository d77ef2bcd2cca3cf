import { utf8Binary } from './utf8.js';

interface Entry<T> {
  readonly binary: string;
  readonly hash: number;
  readonly value: T;
}

/**
 * Values by name, looked up by the bytes of the name where they lie, without making a string of them first. For the few
 * fixed names that occur in every message.
 */
export class NameTable<T> {
  /** A power of two long, half of it empty at least. */
  private readonly slots: (Entry<T> | undefined)[];
  private readonly mask: number;
  private readonly longest: number;

  constructor(entries: Iterable<readonly [name: string, value: T]>) {
    const named = [...entries].map(([name, value]) => [utf8Binary(name), value] as const);
    this.slots = new Array<undefined>(2 ** Math.ceil(Math.log2(2 * named.length + 2)));
    this.mask = this.slots.length - 1;
    this.longest = Math.max(0, ...named.map(([binary]) => binary.length));
    for (const [binary, value] of named) {
      const hash = hashOf(Buffer.from(binary, 'latin1'), 0, binary.length);
      let slot = hash & this.mask;
      while (this.slots[slot] !== undefined) slot = (slot + 1) & this.mask;
      this.slots[slot] = { binary, hash, value };
    }
  }

  /** The value under the name whose bytes are bytes[from, to). */
  find(bytes: Uint8Array, from: number, to: number): T | undefined {
    if (to - from > this.longest) return undefined;
    const hash = hashOf(bytes, from, to);
    let slot = hash & this.mask;
    for (;;) {
      const entry = this.slots[slot];
      if (entry === undefined) return undefined;
      if (entry.hash === hash && equals(entry.binary, bytes, from, to)) return entry.value;
      slot = (slot + 1) & this.mask;
    }
  }
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]) | 0;
  return hash;
}

function equals(binary: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (binary.length !== to - from) return false;
  for (let i = 0; i < binary.length; i++) {
    if (bytes[from + i] !== binary.charCodeAt(i)) return false;
  }
  return true;
}
