import {
  CborError,
  type CborReader,
  ItemScanner,
  type LongItems,
  Major,
  MAX_DEPTH,
  scanInWindows,
  skipTupleTag,
} from '../cbor/index.js';
import { inSlices, Slices } from '../timing/slices.js';
import type { MethodTable } from './method-table.js';
import {
  LISTED_RULE,
  MAX_LISTED,
  type Message,
  MESSAGE_RULE,
  noRequest,
  readEntry,
  Request,
  tooMany,
  unwrap,
} from './request.js';

/** Messages and parameters of more bytes are looked at in slices, between which others have their turn. */
export const LARGE_BYTES = 64 * 1024;

/**
 * As readMessage, in slices. The reader knows afterwards where the long items of the message end, so that nobody walks over
 * one of them again.
 *
 * @throws CborError
 */
export async function readLargeMessage(reader: CborReader, methods: MethodTable): Promise<Message> {
  const slices = new Slices();
  unwrap(reader);
  await check(reader, slices);
  const message = await readContents(reader, methods, slices);
  if (!reader.atEnd) throw new CborError('malformed', 'something follows the message', reader.offset);
  return message;
}

/** Checks that a well-formed item comes next, and lets the reader know its long parts. */
async function check(reader: CborReader, slices: Slices): Promise<void> {
  const scanner = new ItemScanner();
  const noted: LongItems = new Map();
  scanner.noteLong(noted);
  const { buffer, offset, limit } = reader;
  await inSlices(scanInWindows(scanner, buffer, offset, limit), slices);
  reader.know(noted, offset);
}

async function readContents(reader: CborReader, methods: MethodTable, slices: Slices): Promise<Message> {
  if (reader.peekMajor() === Major.Map) return readRequest(reader, methods, slices);
  skipTupleTag(reader);
  if (reader.peekMajor() !== Major.Array) throw noRequest(MESSAGE_RULE, reader);
  const requests: Request[] = [];
  for (let left = reader.enterArray(); reader.hasMore(left); left--) {
    if (requests.length === MAX_LISTED) throw tooMany(reader);
    if (reader.peekMajor() !== Major.Map) throw noRequest(LISTED_RULE, reader);
    requests.push(await readRequest(reader, methods, slices));
  }
  return requests;
}

async function readRequest(reader: CborReader, methods: MethodTable, slices: Slices): Promise<Request> {
  const request = new Request(reader.buffer);
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    readEntry(reader, request, methods, MAX_DEPTH);
    if (slices.isOver()) await slices.next();
  }
  return request;
}
