import { CborError, type CborReader, Major, MAX_DEPTH, NameTable, skipTupleTag, Tag } from '../cbor/index.js';
import type { MethodTable, RpcMethodEntry } from './method-table.js';

/** Most requests in one message: the answers of one that lists 64 million would fill the memory. */
export const MAX_LISTED = 100_000;

/** The keys of a request. */
const PARTS = new NameTable((['id', 'method', 'params'] as const).map((name) => [name, name] as const));
const NO_METHODS: MethodTable = new NameTable<RpcMethodEntry>([]);

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

function unwrap(reader: CborReader, partial = false): void {
  if (reader.peekTag() !== Tag.EncodedCbor) return;
  reader.readTag();
  reader.enterBytes(partial);
}

function readContents(reader: CborReader, methods: MethodTable): Message {
  if (reader.peekMajor() === Major.Map) return readRequest(reader, methods, MAX_DEPTH - 1);
  skipTupleTag(reader);
  if (reader.peekMajor() === Major.Array) return readList(reader, methods);
  reader.skip();
  return undefined;
}

function readList(reader: CborReader, methods: MethodTable): (Request | undefined)[] {
  const requests: (Request | undefined)[] = [];
  for (let left = reader.enterArray(); reader.hasMore(left); left--) {
    if (requests.length === MAX_LISTED) throw new CborError('too large', 'list of too many requests', reader.offset);
    if (reader.peekMajor() === Major.Map) requests.push(readRequest(reader, methods, MAX_DEPTH - 2));
    else requests.push(void reader.skip(MAX_DEPTH - 1));
  }
  return requests;
}

/** @param maxDepth how deep the entries of the map may be nested */
function readRequest(reader: CborReader, methods: MethodTable, maxDepth: number): Request {
  const request = new Request(reader.buffer);
  readEntries(reader, request, methods, maxDepth);
  return request;
}

function readEntries(reader: CborReader, request: Request, methods: MethodTable, maxDepth: number): void {
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
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
}
