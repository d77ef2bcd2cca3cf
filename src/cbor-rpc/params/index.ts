/** Typed parameters of CBOR-RPC methods, read from the message without intermediate values. */
export { limitedList, list, type LongList, longList, options, params } from './composites.js';
export type { Fields, ValuesOf } from './field-table.js';
export { ParamError } from './param-error.js';
export {
  described,
  isString,
  mustBe,
  optional,
  type ParamReader,
  readAt,
  readInSlices,
  type ValueOf,
} from './param-reader.js';
export { byteName, dictionary, flag, integer, number, raw, text } from './scalars.js';
