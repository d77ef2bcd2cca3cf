import { Slices } from '../../../timing/slices.js';

/** One thing that is told. */
export interface LiveEvent {
  readonly type: 'overview' | 'spec' | 'drained' | 'worker' | 'failure' | 'cancelled';
  /** JSON, which has no line breaks; or what makes it in pieces, each time anew, where it is long or there are very many. */
  readonly data: string | (() => Iterable<string>);
}

/** What one tells, in one. */
export function dataOf({ data }: LiveEvent): string {
  return typeof data === 'string' ? data : [...data()].join('');
}

/** Something to be said to those who listen: as it goes over the wire or, where that is large, what makes it in pieces for each of them. */
export type Telling = Buffer | (() => Iterable<string>);

/** So that proxies and clients know that somebody is there. */
export const COMMENT = Buffer.from(':\n\n');
/** It is said after so many looks, of which there is one a second. */
export const LOOKS_PER_COMMENT = 15;

/** Chars of one piece, about. */
const PIECE = 32 * 1024;
/** What is larger is kept by nobody, in bytes. */
const MOST_BYTES = 1 << 20;
/** To make so many chars takes as long as a small step. */
export const CHARS_PER_STEP = 256;

/**
 * Events as they go over the wire. The last of them has the id: a client that did not get all of them is told all of them again.
 */
export function* framePieces(events: readonly LiveEvent[], id: string): Generator<string> {
  let text = '';
  for (const [at, { type, data }] of events.entries()) {
    text += `event: ${type}\n${at === events.length - 1 ? `id: ${id}\n` : ''}data: `;
    for (const piece of typeof data === 'string' ? [data] : data()) {
      text += piece;
      if (text.length < PIECE) continue;
      yield text;
      text = '';
    }
    text += '\n\n';
  }
  yield text;
}

/** A few events as they go over the wire. */
export function frameOf(events: readonly LiveEvent[], id: string): Buffer {
  return Buffer.from([...framePieces(events, id)].join(''));
}

/** The same of any number of events, made in slices, or as it is read where it is large. */
export async function tellingOf(events: readonly LiveEvent[], id: string): Promise<Telling> {
  const slices = new Slices();
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (const text of framePieces(events, id)) {
    const piece = Buffer.from(text);
    bytes += piece.length;
    if (bytes > MOST_BYTES) return () => framePieces(events, id);
    pieces.push(piece);
    if (slices.isOver(1 + piece.length / CHARS_PER_STEP)) await slices.next();
  }
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
}

/** Frames that are remembered for clients that come back. */
const MOST_FRAMES = 60;

/** The latest frames of a stream of events, by their ids, which begin anew with each stream. */
export class RecentFrames {
  private readonly frames: { readonly at: number; readonly frame: Buffer }[] = [];
  private bytes = 0;
  private last = 0;

  /** @param begun - tells this stream from all others */
  constructor(private readonly begun: string) {}

  /** The id of what was told last. */
  get id(): string {
    return this.idOf(this.last);
  }

  /** Puts events into a frame, under the next id, which is that of what was told last when it is done. One goes on at a time. */
  async add(events: readonly LiveEvent[]): Promise<Telling> {
    const { frames } = this;
    const telling = await tellingOf(events, this.idOf(this.last + 1));
    const at = ++this.last;
    if (telling instanceof Buffer) {
      frames.push({ at, frame: telling });
      this.bytes += telling.length;
      while (frames.length > MOST_FRAMES || this.bytes > MOST_BYTES) this.bytes -= frames.shift()!.frame.length;
    } else {
      frames.length = this.bytes = 0;
    }
    return telling;
  }

  /** What was told after an id; undefined: it is not known any more. */
  after(id: string): readonly Buffer[] | undefined {
    const [begun, at] = id.split('-');
    const last = Number(at);
    if (begun !== this.begun || !Number.isSafeInteger(last) || last > this.last) return undefined;
    const missed = this.frames.filter((frame) => frame.at > last);
    if (missed.length < this.last - last) return undefined;
    return missed.map(({ frame }) => frame);
  }

  private idOf(at: number): string {
    return `${this.begun}-${at}`;
  }
}
