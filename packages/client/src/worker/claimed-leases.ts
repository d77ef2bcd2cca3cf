import { nameKey, nameOfLink } from '../names.js';
import { unitLinkOf } from '../rest/attempt.js';

/** Leases of one claim, whose numbers follow each other. They are told of as one text, since most are over before anybody looks at them. */
export interface ClaimedLeases {
  /** The number of the first. */
  readonly first: number;
  /** How many. */
  readonly size: number;
  /** The addresses of the attempts, a line each. */
  readonly urls: string;
}

/** Numbers that follow each other: the first, and the last. */
export type Range = readonly [from: number, to: number];

/** @param ids in any order @returns the same as ranges, as few as there are where ids that follow each other stand together */
export function rangesOf(ids: readonly number[]): Range[] {
  const ranges: [number, number][] = [];
  let last: [number, number] | undefined;
  for (const id of ids) {
    if (last && id === last[1] + 1) last[1] = id;
    else ranges.push((last = [id, id]));
  }
  return ranges;
}

/** Leases that begin and end together, as long as none of them is renewed. */
export class LeaseGroup {
  /** How many of them are held. */
  left: number;
  private readonly first: number;
  private readonly isReleased: Uint8Array;
  private readonly text: string;
  private lines: readonly string[] | undefined;

  /** @param since when they were claimed @param ends when they are over @param due when they are to be renewed */
  constructor(
    { first, size, urls }: ClaimedLeases,
    readonly since: number,
    readonly ends: number,
    readonly due: number,
  ) {
    this.first = first;
    this.text = urls;
    this.left = size;
    this.isReleased = new Uint8Array(size);
  }

  /** Whether a number is that of one of its leases, held or not. */
  has(id: number): boolean {
    return id >= this.first && id < this.first + this.isReleased.length;
  }

  release(id: number): void {
    const at = id - this.first;
    if (this.isReleased[at] === 1) return;
    this.isReleased[at] = 1;
    this.left--;
  }

  /** Those that are held. */
  *[Symbol.iterator](): Generator<{ readonly id: number; readonly url: string }> {
    this.lines ??= this.text.split('\n');
    for (const [at, url] of this.lines.entries()) {
      if (this.isReleased[at] === 0) yield { id: this.first + at, url };
    }
  }
}

/** What the address of an attempt says of its unit, as it can be shown. */
export function unitOfUrl(url: string): { spec: string; unit: string } {
  const unitLink = unitLinkOf(url);
  const specLink = unitLink.slice(0, unitLink.lastIndexOf('/work_unit/'));
  return { spec: nameKey(nameOfLink(specLink)), unit: nameKey(nameOfLink(unitLink)) };
}
