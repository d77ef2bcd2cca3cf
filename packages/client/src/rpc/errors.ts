/** The daemon answered a call with an error. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    readonly method: string,
    message: string,
  ) {
    super(message);
  }
}
