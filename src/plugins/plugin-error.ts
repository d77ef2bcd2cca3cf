/** A plug-in keeps the daemon from starting: one line that names it and says why. */
export class PluginError extends Error {
  override readonly name = 'PluginError';

  /** @param source - the file or package, as it was given @param reason - reads on after its name */
  constructor(source: string, reason: string, cause?: unknown) {
    super(`plug-in ${source}: ${reason}`.replace(/\s*\n\s*/g, ' '), { cause });
  }
}

/** What a plug-in threw, or had thrown where it was asked: not by a rule of the model, and not by its client's doing. */
export class PluginFailure extends Error {
  override readonly name = 'PluginFailure';

  constructor(plugin: string, cause: unknown) {
    const isError = cause instanceof Error;
    super(`plug-in ${plugin}: ${isError ? cause.message : String(cause)}`, { cause });
    // The log shows where in the plug-in it was.
    if (isError && cause.stack !== undefined) this.stack = `plug-in ${plugin}: ${cause.stack}`;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
