import { CborWriter, type Encodable, Tag } from '../cbor/index.js';
import { Slices } from '../timing/slices.js';
import type { MemoryGate } from './memory-gate.js';
import type { Promised } from '../domain/promised.js';
import { RpcError } from './rpc-error.js';

/** What is encoded goes into a piece of its own from this size on. */
const PIECE_BYTES = 64 * 1024;
/** Bytes this long are not copied. */
const WHOLE_BYTES = 16 * 1024;
/** Copying so many bytes takes about as long as another small step. */
const STEP_BYTES = 1024;

/**
 * The room that the answers to one message take, in bytes. It is taken before they are made, and given back once they are
 * on their way or nobody wants them any more.
 */
export class AnswerRoom {
  private taken = 0;
  private usedBytes = 0;

  /** @param peer who the answers are for */
  constructor(
    private readonly gate: MemoryGate,
    private readonly peer: { readonly isGone: boolean },
  ) {}

  /** How many bytes have been made. */
  get used(): number {
    return this.usedBytes;
  }

  /** How many bytes there may be in all. */
  get limit(): number {
    return this.gate.maxAnswerBytes;
  }

  /**
   * Makes sure of room for bytes that come.
   * @throws RpcError when there is not enough, or nobody is there any more
   */
  need(bytes: number): void {
    if (this.peer.isGone) throw new RpcError('the client has gone');
    const total = this.usedBytes + bytes;
    if (total > this.limit) {
      throw new RpcError(`the answer would have more than ${Math.floor(this.limit)} bytes, ask for less at a time`);
    }
    if (total <= this.taken) return;
    if (!this.gate.take(total - this.taken))
      throw new RpcError('the daemon has no room for the answer now, try again later');
    this.taken = total;
  }

  /** So many bytes have been made. @throws as need */
  use(bytes: number): void {
    this.need(bytes);
    this.usedBytes += bytes;
  }

  /** Of what was made only so many bytes are left. */
  fallBackTo(bytes: number): void {
    this.usedBytes = bytes;
  }

  giveBack(): void {
    this.gate.giveBack(this.taken);
    this.taken = 0;
    this.usedBytes = 0;
  }
}

/** Encoded bytes in pieces, made in slices between which others have their turn, within the room there is. */
export class AnswerPieces {
  readonly pieces: Buffer[] = [];
  /** For all but what `raw` takes. */
  readonly out = new CborWriter('bytes');
  private finished = 0;
  private readonly slices = new Slices();

  constructor(readonly room: AnswerRoom) {}

  /** Bytes made so far. */
  get length(): number {
    return this.finished + this.out.length;
  }

  /** Bytes as they are: an encoded item. They must not change any more. */
  raw(bytes: Uint8Array): void {
    if (bytes.length < WHOLE_BYTES) return this.out.writeRaw(bytes);
    this.cut();
    this.room.use(bytes.length);
    this.finished += bytes.length;
    this.pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  /** Begins a list of which nobody knows yet how long it is. @returns what `endList` needs */
  beginList(): number {
    this.cut();
    return this.pieces.push(NOTHING) - 1;
  }

  endList(list: number, count: number): void {
    const writer = new CborWriter();
    writer.writeArrayHead(count);
    this.pieces[list] = writer.take();
    this.finished += this.pieces[list].length;
  }

  /** To be called after each item: lets others have their turn when it is time. @param bytes how many the item had */
  async turn(bytes: number): Promise<void> {
    if (this.out.length > PIECE_BYTES) this.cut();
    if (this.slices.isOver(1 + bytes / STEP_BYTES)) await this.slices.next();
  }

  /** Waits for a turn of its own: what comes next takes long. */
  nextTurn(): Promise<void> {
    return this.slices.next();
  }

  /** Whether the slice is over, after so many small steps that made nothing. */
  isOver(steps: number): boolean {
    return this.slices.isOver(steps);
  }

  /** @returns all pieces, in order */
  end(): Buffer[] {
    this.cut();
    return this.pieces;
  }

  private cut(): void {
    const { length } = this.out;
    if (length === 0) return;
    this.room.use(length);
    this.finished += length;
    this.pieces.push(this.out.take());
  }
}

/** What a method returns in place of a result that is too large to be made in one go. */
export class LargeResult {
  /**
   * @param write writes the encoded result
   * @param promise what it says is taken back by if the client does not get it
   */
  constructor(
    readonly write: (to: AnswerPieces) => Promise<void>,
    readonly promise?: Promised,
  ) {}
}

/** A list and a message, as most methods answer, made one item after another. */
export function largeList(write: (to: AnswerPieces) => Promise<number>, rest: Encodable = null): LargeResult {
  return new LargeResult(async (to) => {
    to.out.writeArrayHead(2);
    const list = to.beginList();
    to.endList(list, await write(to));
    to.out.writeValue(rest);
  });
}

/** What comes before a frame's contents of so many bytes. */
export function frameHead(length: number): Buffer {
  const writer = new CborWriter();
  writer.writeTag(Tag.EncodedCbor);
  writer.writeBytesHead(length);
  return writer.take();
}

/** Whether an answer with so many bytes of data is to be made in slices. */
export function isLarge(bytes: number): boolean {
  return bytes > PIECE_BYTES;
}

const NOTHING = Buffer.alloc(0);
