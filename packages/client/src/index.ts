export { decode, DecodeError } from './cbor/decode.js';
export { encode, EncodeError } from './cbor/encode.js';
export { plain } from './cbor/plain.js';
export { RawCbor, Tagged, Tuple, Uuid } from './cbor/values.js';
export { CborRpcClient } from './rpc/client.js';
export type { CallOptions, RpcClientOptions } from './rpc/client.js';
export { ConnectionError, RpcError } from './rpc/errors.js';
export { ProtocolError } from './rpc/frames.js';
export * from './rpc/methods.js';
