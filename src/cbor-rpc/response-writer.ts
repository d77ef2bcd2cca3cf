import { CborWriter, type Encodable, Tag } from '../cbor/index.js';
import { RevocableAnswer } from '../domain/promised.js';
import { asciiMessage } from './ascii-message.js';
import type { Request } from './request.js';
import type { RevocableResult } from './results.js';

const ID = Buffer.from('\x42id', 'latin1');
const RESULT = Buffer.from('\x46result', 'latin1');
const ERROR = Buffer.from('\x45error', 'latin1');
const MESSAGE = Buffer.from('\x47message', 'latin1');

/**
 * Writes responses: `{id, result}` or `{id, error: {message}}`. Their keys, and the names of properties in results, are
 * byte strings, as the strings that a Python 2 client compares them with.
 */
export class ResponseWriter extends CborWriter {
  constructor() {
    super('bytes');
  }

  /** Begins a message: a byte string with tag 24. @returns what `endFrame` needs */
  beginFrame(): number {
    this.writeTag(Tag.EncodedCbor);
    return this.openBytes();
  }

  endFrame(frame: number): void {
    this.closeBytes(frame);
  }

  /** @throws what encoding the result throws, halfway */
  writeResult(request: Request, result: Encodable | RevocableResult): void {
    this.writeResultHead(request);
    if (result instanceof RevocableAnswer) {
      this.writeArrayHead(2);
      this.writeValue(result.answer);
      this.writeNull();
    } else this.writeValue(result);
  }

  /** What comes before the result. */
  writeResultHead(request: Request): void {
    this.writeResponseHead(request, RESULT);
  }

  writeError(request: Request | undefined, message: string): void {
    this.writeResponseHead(request, ERROR);
    this.writeMapHead(1);
    this.writeRaw(MESSAGE);
    this.writeValue(asciiMessage(message));
  }

  /** The id comes back as it was sent. */
  private writeResponseHead(request: Request | undefined, outcome: Buffer): void {
    this.writeMapHead(2);
    this.writeRaw(ID);
    if (request === undefined || request.idStart < 0) this.writeNull();
    else this.writeRaw(request.bytes, request.idStart, request.idEnd);
    this.writeRaw(outcome);
  }
}
