/**
 * CBOR (RFC 8949) for a daemon that mostly passes encoded data through: find items in a stream, walk over them without
 * decoding, decode what must be looked into, encode answers. Knows nothing of the rest of the project.
 */
export { CborError, type CborErrorReason } from './errors.js';
export { Byte, Major, type MajorType, MAX_DEPTH, Tag, typeName } from './heads.js';
export { ItemScanner, type LongItems, scanInWindows, type ScanLimits } from './scanner.js';
export { NameTable } from './name-table.js';
export { CborReader } from './reader.js';
export { decodeValue, type DecodeOptions, readValue } from './decode.js';
export { ByteString, CborMap, type CborValue, Float, Simple, Tagged, Tuple, Uuid } from './values.js';
export { CborWriter, type Encodable, encode, type KeyType, RawCbor } from './writer.js';
export { isMap, mapEntries, mapEntry, skipTupleTag, walkEntries, withEntries } from './encoded.js';
export { isAscii, isContinuation, utf8Binary } from './utf8.js';
export { type Peeked, peekMap, peekNumber, type StringPlace } from './peek.js';
