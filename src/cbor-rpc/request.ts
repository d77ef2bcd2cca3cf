import { CborError, type CborReader, Major, MAX_DEPTH, skipTupleTag, Tag } from '../cbor/index.js';

/** Most requests in one message: the answers of one that lists 64 million would fill the memory. */
export const MAX_BATCH = 100_000;

/** Where a message holds the parts of a request. The bytes stay as they are for as long as anybody holds them. */
export class Request {
  /** A binary string; undefined where there is none, or it is no string. */
  method: string | undefined = undefined;
  /** The encoded id; start -1: none. */
  idStart = -1;
  idEnd = -1;
  /** The encoded parameters; start -1: none. */
  paramsStart = -1;
  paramsEnd = -1;

  constructor(readonly bytes: Buffer) {}
}

/**
 * What a message asks: one request, or a list of them; undefined stands for what is neither, and in a list for what is
 * no request.
 */
export type Message = Request | (Request | undefined)[] | undefined;

/**
 * Reads a message: a request map or a list of them, bare or in a byte string with tag 24. All of it is checked to be
 * well-formed, so that nothing of a message is carried out that is malformed anywhere.
 *
 * @throws CborError
 */
export function readMessage(reader: CborReader): Message {
  unwrap(reader);
  const message = readContents(reader);
  if (!reader.atEnd) throw new CborError('malformed', 'something follows the message', reader.offset);
  return message;
}

/** The encoded id of a message that cannot be read to its end, if it comes before the trouble. */
export function salvageId(reader: CborReader): Request | undefined {
  let request: Request | undefined;
  try {
    unwrap(reader, true);
    if (reader.peekMajor() !== Major.Map) return undefined;
    request = new Request(reader.buffer);
    readEntries(reader, request, MAX_DEPTH);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
  }
  return request;
}

function unwrap(reader: CborReader, partial = false): void {
  if (reader.peekTag() !== Tag.EncodedCbor) return;
  reader.readTag();
  reader.enterBytes(partial);
}

function readContents(reader: CborReader): Message {
  if (reader.peekMajor() === Major.Map) return readRequest(reader, MAX_DEPTH - 1);
  skipTupleTag(reader);
  if (reader.peekMajor() === Major.Array) return readBatch(reader);
  reader.skip();
  return undefined;
}

function readBatch(reader: CborReader): (Request | undefined)[] {
  const requests: (Request | undefined)[] = [];
  for (let left = reader.enterArray(); reader.hasMore(left); left--) {
    if (requests.length === MAX_BATCH) throw new CborError('too large', 'list of too many requests', reader.offset);
    if (reader.peekMajor() === Major.Map) requests.push(readRequest(reader, MAX_DEPTH - 2));
    else requests.push(void reader.skip(MAX_DEPTH - 1));
  }
  return requests;
}

/** @param maxDepth how deep the entries of the map may be nested */
function readRequest(reader: CborReader, maxDepth: number): Request {
  const request = new Request(reader.buffer);
  readEntries(reader, request, maxDepth);
  return request;
}

function readEntries(reader: CborReader, request: Request, maxDepth: number): void {
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    if (reader.takeKey('id')) {
      const start = reader.skip(maxDepth);
      request.idStart = start;
      request.idEnd = reader.offset;
    } else if (reader.takeKey('method')) {
      request.method = readMethod(reader, maxDepth);
    } else if (reader.takeKey('params')) {
      request.paramsStart = reader.skip(maxDepth);
      request.paramsEnd = reader.offset;
    } else {
      reader.skip(maxDepth);
      reader.skip(maxDepth);
    }
  }
}

function readMethod(reader: CborReader, maxDepth: number): string | undefined {
  const major = reader.peekMajor();
  if (major === Major.Bytes || major === Major.Text) return reader.readStringBytes();
  reader.skip(maxDepth);
  return undefined;
}
