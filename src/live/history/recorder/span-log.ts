import type { Micros } from '../../../domain/time.js';
import { SECOND } from '../../../domain/time.js';
import type { SpanNumbers } from './span-numbers.js';
import { AT, noNumbers, SPAN_LENGTH } from './span-numbers.js';

/** The longest that one span can take: which numbers there are, and each of them. */
const MOST_BYTES = 8 * (SPAN_LENGTH + 3);
/** Which numbers there are is written in parts of so many bits. */
const MASK_BITS = 20;
const EMPTY = new Uint8Array(0);

/** One of the spans, as it is read. */
export interface LoggedSpan {
  readonly start: Micros;
  /** To be used before the next one is read. */
  readonly numbers: SpanNumbers;
}

/**
 * Spans of one length, oldest first, in as few bytes as they need: of most spans most numbers are 0, and most others are
 * small. They are added at the end and go from the beginning. Sums of times are kept to the microsecond.
 */
export class SpanLog {
  private bytes = EMPTY;
  private from = 0;
  private end = 0;
  /** How many there are. */
  size = 0;
  /** Where the first one begins; Infinity: there is none. */
  first: Micros = Infinity;
  /** Where the last one begins; -Infinity: there is none. */
  last: Micros = -Infinity;
  /** What the start of the first one is counted from. */
  private base: Micros = 0;

  /** @param length - of each span */
  constructor(readonly length: Micros) {}

  /** How many bytes it takes. */
  get reserved(): number {
    return this.bytes.length;
  }

  /** Adds a span that begins behind the last one. */
  append(start: Micros, numbers: SpanNumbers): void {
    this.reserve();
    if (this.size++ === 0) this.first = this.base = this.last = start;
    this.write((start - this.last) / this.length);
    this.last = start;
    for (let at = 0; at < SPAN_LENGTH; at += MASK_BITS) this.write(maskOf(numbers, at));
    for (let i = 0; i < SPAN_LENGTH; i++) if (numbers[i] !== 0) this.write(storedForm(i, numbers[i]));
  }

  /** All of them, oldest first. */
  *spans(): Generator<LoggedSpan> {
    const reader = { at: this.from };
    const numbers = noNumbers();
    let start = this.base;
    for (let left = this.size; left > 0; left--) {
      start += this.read(reader) * this.length;
      this.readNumbers(reader, numbers);
      yield { start, numbers };
    }
  }

  /** Takes away those that begin before a moment. @param gone - is given each */
  dropBefore(moment: Micros, gone?: (span: LoggedSpan) => void): void {
    if (this.first >= moment) return;
    const reader = { at: this.from };
    const numbers = noNumbers();
    let start = this.base;
    while (this.size > 0) {
      const next = start + this.read(reader) * this.length;
      if (next >= moment) {
        this.first = next;
        return;
      }
      this.readNumbers(reader, numbers);
      gone?.({ start: next, numbers });
      start = next;
      this.from = reader.at;
      this.base = next;
      this.size--;
    }
    this.clear();
  }

  clear(): void {
    this.bytes = EMPTY;
    this.from = this.end = this.size = 0;
    this.first = Infinity;
    this.last = -Infinity;
  }

  /** Lets go of what it has reserved and does not use. */
  fit(): void {
    this.bytes = this.bytes.slice(this.from, this.end);
    this.from = 0;
    this.end = this.bytes.length;
  }

  /** Makes room for one more, by what has gone from the beginning where that is much. */
  private reserve(): void {
    if (this.bytes.length - this.end >= MOST_BYTES) return;
    const used = this.end - this.from;
    const size = used + Math.max(MOST_BYTES, used >> 2);
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(this.from, this.end));
    this.bytes = bytes;
    this.from = 0;
    this.end = used;
  }

  private readNumbers(reader: { at: number }, numbers: SpanNumbers): void {
    const masks: number[] = [];
    for (let at = 0; at < SPAN_LENGTH; at += MASK_BITS) masks.push(this.read(reader));
    for (let i = 0; i < SPAN_LENGTH; i++) {
      const isThere = (masks[Math.floor(i / MASK_BITS)] >> (i % MASK_BITS)) & 1;
      numbers[i] = isThere ? shownForm(i, this.read(reader)) : 0;
    }
  }

  /** A whole number from 0 on, seven bits to a byte, the lowest first. */
  private write(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.end++] = rest;
  }

  private read(reader: { at: number }): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.bytes[reader.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}

function maskOf(numbers: SpanNumbers, at: number): number {
  let mask = 0;
  for (let bit = 0; bit < MASK_BITS && at + bit < SPAN_LENGTH; bit++) if (numbers[at + bit] !== 0) mask |= 1 << bit;
  return mask;
}

const isTime = (i: number): boolean => i === AT.waitedSeconds || i === AT.workedSeconds;

function storedForm(i: number, value: number): number {
  return isTime(i) ? Math.min(Math.round(value * SECOND), Number.MAX_SAFE_INTEGER) : value;
}

function shownForm(i: number, stored: number): number {
  return isTime(i) ? stored / SECOND : stored;
}
