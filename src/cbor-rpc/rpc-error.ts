/** What a method of the interface answers with an error response by its own rules; the message is the client's. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
}
