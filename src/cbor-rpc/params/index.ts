/** Typed parameters of CBOR-RPC methods, read from the message without intermediate values. */
export { limitedList, list, type LongList, longList, options, params } from './composites.js';
export { ParamError } from './param-error.js';
export { described, isString, optional, type ParamReader, readInSlices } from './param-reader.js';
export { byteName, dictionary, flag, integer, number, text } from './scalars.js';
