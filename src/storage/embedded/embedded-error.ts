/** Why the PostgreSQL that the daemon brings along can not serve: one line for people. */
export class EmbeddedError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`embedded PostgreSQL: ${reason.replace(/\s*\n\s*/g, ' ')}`, options);
    this.name = 'EmbeddedError';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is on a file system that is read-only',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
  ENOSPC: 'the disk is full',
};

/** What the system says about a file, in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && REASONS[code]) || message;
}
