import { CborReader, decodeValue, Major, skipTupleTag } from '../../cbor/index.js';
import type { LockPath } from '../../domain/lock.js';
import { lockPath, MAX_PATH_PARTS } from '../../locks/lock-path.js';
import { declare } from '../rpc-method.decorator.js';
import {
  byteName,
  described,
  limitedList,
  number,
  optional,
  ParamError,
  type ParamReader,
  params,
} from '../params/index.js';

/** A path to lock, and how its client spelt it. */
export interface SpeltPath {
  path: LockPath;
  spelling: Buffer;
}

/** Longest path, as its client spells it: that of 64 parts of the length of a name. */
const MAX_PATH_BYTES = 64 * 1024;

const speltPath: ParamReader<SpeltPath> = {
  type: 'path',
  read(reader) {
    const spelling = reader.readRaw();
    if (spelling.length > MAX_PATH_BYTES) throw new ParamError(`has more than ${MAX_PATH_BYTES} bytes`);
    if (partsOf(spelling) > MAX_PATH_PARTS) throw new ParamError(`has more than ${MAX_PATH_PARTS} parts`);
    return { path: lockPath(decodeValue(spelling)), spelling };
  },
};

/** Most paths of one request: nobody is known to lock more, and each of them stays in memory for as long as it is locked. */
const MAX_PATHS = 100_000;
const PATHS = limitedList(speltPath, MAX_PATHS);

/** How many parts a path has: a list or a tuple has its items, anything else is one. */
function partsOf(spelling: Buffer): number {
  const reader = new CborReader(spelling);
  skipTupleTag(reader);
  if (reader.peekMajor() !== Major.Array) return 1;
  let parts = 0;
  for (let left = reader.enterArray(); parts <= MAX_PATH_PARTS && reader.hasMore(left); left--) {
    reader.skip();
    parts++;
  }
  return parts;
}

const LOCKER = described(byteName, 'who locks');
const TIMEOUT = described(optional(number), 'seconds, 1,000,000 at most; absent, 0 or less: 60');

export const LOCK = declare({
  name: 'lock',
  needs: 'work',
  actsFor: ({ locker_id }) => [locker_id],
  params: params({ locker_id: LOCKER, timeout: TIMEOUT, keys: described(PATHS, 'what to lock') }),
  about: {
    does: 'Locks all of the paths or none.',
    answers: '`[true, null]`, or `[false, message]` that names one that is not lockable',
    example: {
      params: '"worker 2", 60, [["photos"], ["movies"]]',
      result: `[false, '\\'photos\\' is not lockable']`,
    },
  },
});

export const LOCKSOME = declare({
  name: 'locksome',
  needs: 'work',
  actsFor: ({ locker_id }) => [locker_id],
  params: params({ locker_id: LOCKER, timeout: TIMEOUT, keys: described(PATHS, 'what to lock') }),
  about: {
    does: 'Locks those of the paths that are lockable.',
    answers: '`[[path or null, …], null]`: each path that is locked now as it was sent, null for each that is not',
    example: {
      params: '"worker 2", 60, [["photos", "cat.jpg"], ["photos", "dog.jpg"]]',
      result: '[[null, ["photos", "dog.jpg"]], null]',
    },
  },
});

export const RENEW = declare({
  name: 'renew',
  needs: 'work',
  actsFor: ({ locker_id }) => [locker_id],
  params: params({ locker_id: LOCKER, timeout: TIMEOUT, keys: described(PATHS, 'what is locked') }),
  about: {
    does: 'Keeps locks for longer, all of them or none.',
    answers: '`[true, null]`, or `[false, message]` if the worker does not hold all of them (any more)',
    example: { params: '"worker 1", 120, [["photos", "cat.jpg"]]', result: '[true, null]' },
  },
});

export const READLOCK = declare({
  name: 'readlock',
  needs: 'read',
  params: params({ keys: described(PATHS, 'which paths') }),
  about: {
    does: 'Says who has locked paths.',
    answers: '`[who or null, …]`',
    example: { params: '[["photos", "cat.jpg"], ["photos", "dog.jpg"]]', result: `['worker 1', null]` },
  },
});

export const UNLOCK = declare({
  name: 'unlock',
  needs: 'work',
  actsFor: ({ locker_id }) => [locker_id],
  params: params({ locker_id: LOCKER, keys: described(PATHS, 'what is locked') }),
  about: {
    does: 'Gives locks back, all of them or none.',
    answers: '`[true, null]`, or `[false, message]` if the worker does not hold all of them',
    example: {
      params: '"worker 2", [["photos", "cat.jpg"]]',
      result: `[false, '\\'photos\\' / \\'cat.jpg\\' is held by \\'worker 1\\'']`,
    },
  },
});

export const DELETE_NAMESPACE = declare({
  name: 'delete_namespace',
  needs: 'work',
  // Whose locks they are is not looked at.
  actsFor: () => [undefined],
  params: params({ prefix: described(speltPath, 'a path') }),
  about: {
    does: 'Drops the locks of all whose path begins with this one. It has nothing to do with namespaces of work.',
    answers: '0',
    example: { params: '["photos"]', result: '0' },
  },
});
