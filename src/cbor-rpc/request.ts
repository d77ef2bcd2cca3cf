import { CborError, type CborReader, Major, MAX_DEPTH, NameTable, skipTupleTag, Tag } from '../cbor/index.js';
import type { MethodTable, RpcMethodEntry } from './method-table.js';

/** Most requests in one message: the answers of one that lists 64 million would fill the memory. */
export const MAX_LISTED = 100_000;

export const MESSAGE_RULE = 'a request must be a map, or a list of maps';
export const LISTED_RULE = 'each request of a list must be a map';

/** Tag 24. */
const FRAME_START = [0xd8, Tag.EncodedCbor];

/** The keys of a request. */
const PARTS = new NameTable((['id', 'method', 'params'] as const).map((name) => [name, name] as const));
const NO_METHODS: MethodTable = new NameTable<RpcMethodEntry>([]);

/**
 * Whether what a connection begins with can begin a message: tag 24, as frames do, or the head of a list or a map. No other
 * protocol begins so: not the name of an HTTP method, nor a TLS handshake, which a web page can make a browser send here.
 *
 * @returns undefined when the first byte alone does not tell
 */
export function beginsMessage(bytes: Uint8Array, start: number, end: number): boolean | undefined {
  const first = bytes[start];
  if (first !== FRAME_START[0]) return first >> 5 === Major.Array || first >> 5 === Major.Map;
  return end - start > 1 ? bytes[start + 1] === FRAME_START[1] : undefined;
}

/** Where a message holds the parts of a request. The bytes stay as they are for as long as anybody holds them. */
export class Request {
  /** Undefined where none is named that there is. */
  method: RpcMethodEntry | undefined = undefined;
  /** The encoded name of the method; start -1: none. */
  methodStart = -1;
  methodEnd = -1;
  /** The encoded id; start -1: none. */
  idStart = -1;
  idEnd = -1;
  /** The encoded parameters; start -1: none. */
  paramsStart = -1;
  paramsEnd = -1;

  constructor(readonly bytes: Buffer) {}
}

/** What a message asks: one request, or a list of them. */
export type Message = Request | Request[];

/**
 * Reads a message: a request map or a list of them, bare or in a byte string with tag 24. All of it is checked to be
 * well-formed and to ask something, so that nothing of a message is carried out that is wrong anywhere.
 *
 * @throws CborError
 */
export function readMessage(reader: CborReader, methods: MethodTable): Message {
  unwrap(reader);
  const message = readContents(reader, methods);
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
    readEntries(reader, request, NO_METHODS, MAX_DEPTH);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
  }
  return request;
}

/** Moves to what a frame holds, if the reader is at a frame. */
export function unwrap(reader: CborReader, partial = false): void {
  if (reader.peekTag() !== Tag.EncodedCbor) return;
  reader.readTag();
  reader.enterBytes(partial);
}

function readContents(reader: CborReader, methods: MethodTable): Message {
  if (reader.peekMajor() === Major.Map) return readRequest(reader, methods, MAX_DEPTH - 1);
  skipTupleTag(reader);
  if (reader.peekMajor() === Major.Array) return readList(reader, methods);
  throw noRequest(MESSAGE_RULE, reader);
}

function readList(reader: CborReader, methods: MethodTable): Request[] {
  const requests: Request[] = [];
  for (let left = reader.enterArray(); reader.hasMore(left); left--) {
    if (requests.length === MAX_LISTED) throw tooMany(reader);
    if (reader.peekMajor() !== Major.Map) throw noRequest(LISTED_RULE, reader);
    requests.push(readRequest(reader, methods, MAX_DEPTH - 2));
  }
  return requests;
}

export function tooMany(reader: CborReader): CborError {
  return new CborError('too large', 'list of too many requests', reader.offset);
}

/** What is there instead of a request cannot be answered otherwise. */
export function noRequest(rule: string, reader: CborReader): CborError {
  return new CborError('wrong type', `${rule}, not ${reader.peekTypeName()},`, reader.offset);
}

/** @param maxDepth how deep the entries of the map may be nested */
function readRequest(reader: CborReader, methods: MethodTable, maxDepth: number): Request {
  const request = new Request(reader.buffer);
  readEntries(reader, request, methods, maxDepth);
  return request;
}

function readEntries(reader: CborReader, request: Request, methods: MethodTable, maxDepth: number): void {
  for (let left = reader.enterMap(); reader.hasMore(left); left--) readEntry(reader, request, methods, maxDepth);
}

/** Reads one key of a request with its value. @param maxDepth how deep they may be nested */
export function readEntry(reader: CborReader, request: Request, methods: MethodTable, maxDepth: number): void {
  switch (reader.lookUp(PARTS, maxDepth)) {
    case 'id':
      request.idStart = reader.skip(maxDepth);
      request.idEnd = reader.offset;
      break;
    case 'method':
      request.methodStart = reader.offset;
      request.method = reader.lookUp(methods, maxDepth);
      request.methodEnd = reader.offset;
      break;
    case 'params':
      request.paramsStart = reader.skip(maxDepth);
      request.paramsEnd = reader.offset;
      break;
    default:
      reader.skip(maxDepth);
  }
}
