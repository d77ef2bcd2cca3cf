/** The connection ended, or none could be made. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  /** @param sent whether the request may have been carried out, its answer being lost with the connection */
  constructor(
    message: string,
    readonly sent: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
