/** One thing that is told. */
export interface LiveEvent {
  readonly type: 'overview' | 'spec' | 'drained' | 'worker' | 'failure' | 'cancelled';
  /** JSON, which has no line breaks. */
  readonly data: string;
}

/** So that proxies and clients know that somebody is there. */
export const COMMENT = Buffer.from(':\n\n');
/** It is said after so many looks, of which there is one a second. */
export const LOOKS_PER_COMMENT = 15;

/**
 * Events as they go over the wire. The last of them has the id: a client that did not get all of them is told all of them again.
 */
export function frameOf(events: readonly LiveEvent[], id: string): Buffer {
  let text = '';
  events.forEach(({ type, data }, at) => {
    const idLine = at === events.length - 1 ? `id: ${id}\n` : '';
    text += `event: ${type}\n${idLine}data: ${data}\n\n`;
  });
  return Buffer.from(text);
}

/** Frames that are remembered for clients that come back. */
const MOST_FRAMES = 60;
const MOST_BYTES = 1 << 20;

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

  /** Puts events into a frame, under the next id. */
  add(events: readonly LiveEvent[]): Buffer {
    const frame = frameOf(events, this.idOf(++this.last));
    this.frames.push({ at: this.last, frame });
    this.bytes += frame.length;
    while (this.frames.length > MOST_FRAMES || this.bytes > MOST_BYTES) this.bytes -= this.frames.shift()!.frame.length;
    return frame;
  }

  /** What was told after an id; undefined: it is not known any more. */
  after(id: string): Buffer | undefined {
    const [begun, at] = id.split('-');
    const last = Number(at);
    if (begun !== this.begun || !Number.isSafeInteger(last) || last > this.last) return undefined;
    const missed = this.frames.filter((frame) => frame.at > last);
    if (missed.length < this.last - last) return undefined;
    return Buffer.concat(missed.map(({ frame }) => frame));
  }

  private idOf(at: number): string {
    return `${this.begun}-${at}`;
  }
}
