import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Of a file's mode: the bits that let somebody read it, and of a folder's, go through it. */
const READ = 0o4;
const ENTER = 0o1;

/**
 * Of a file that root reads: what keeps everybody else from reading it, as far as owners and modes say, which is the file
 * itself or a folder above it.
 * @returns undefined where somebody else can read it, or where the file is not there
 */
export function closedToOthers(file: string): string | undefined {
  const path = resolve(file);
  if (isClosed(path, READ)) return path;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (isClosed(folder, ENTER)) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Whether root alone may. */
function isClosed(path: string, what: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const { mode, uid, gid } = found;
  const forOwner = uid !== 0 && (mode & (what << 6)) !== 0;
  const forGroup = gid !== 0 && (mode & (what << 3)) !== 0;
  return !forOwner && !forGroup && (mode & what) === 0;
}
