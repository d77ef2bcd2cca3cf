/**
 * A path in the hierarchy of locks: one canonical string per part, such that equal parts are equal strings. See
 * `lockPath` for how they are made of what clients send.
 */
export type LockPath = readonly string[];

/** A path that a locker does not hold, and who does. */
export interface LockHolder {
  path: LockPath;
  holder?: string;
}
