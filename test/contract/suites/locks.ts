import type { LockPath } from 'coordinate-daemon/backend';
import { SECOND } from 'coordinate-daemon/backend';
import { expect, it } from 'vitest';
import type { World } from '../world.js';

/** `a/b` as a path of two parts; the empty text as the path of none. */
const path = (text: string): LockPath => (text === '' ? [] : text.split('/'));
const paths = (...texts: string[]): LockPath[] => texts.map(path);

export function describeLocks(w: World): void {
  const lock = async (locker: string, ...keys: string[]): Promise<string> => {
    const refused = await w.locks.lock(w.namespace, locker, 10 * SECOND, paths(...keys));
    return refused ? `not ${refused.join('/')}` : 'locked';
  };
  const read = async (...keys: string[]): Promise<(string | undefined)[]> =>
    await w.locks.read(w.namespace, paths(...keys));
  const unlock = async (locker: string, ...keys: string[]): Promise<unknown> =>
    await w.locks.unlock(w.namespace, locker, paths(...keys));
  const renew = async (locker: string, timeout: number, ...keys: string[]): Promise<unknown> =>
    await w.locks.renew(w.namespace, locker, timeout, paths(...keys));

  w.describeWith('locks', 'locks', () => {
    it('a path can be locked when nobody has locked it', async () => {
      expect(await read('a/b')).toEqual([undefined]);
      expect(await lock('me', 'a/b', 'c')).toBe('locked');
      expect(await read('a/b', 'c', 'a', 'a/b/c', 'x')).toEqual(['me', 'me', undefined, undefined, undefined]);
    });

    it.each([
      ['itself', 'a/b', 'a/b'],
      ['a prefix of it', 'a', 'a/b'],
      ['a prefix of many parts', 'a/b', 'a/b/c/d/e'],
      ['something below it', 'a/b', 'a'],
      ['something far below it', 'a/b/c/d/e', 'a/b'],
      ['the path of no parts', '', 'a'],
      ['anything, for the path of no parts', 'a/b', ''],
    ])('a path can not be locked when %s is locked, by whomever', async (_, held, wanted) => {
      expect(await lock('me', held)).toBe('locked');
      for (const locker of ['other', 'me']) expect(await lock(locker, wanted)).toBe(`not ${wanted}`);
      expect(await read(held)).toEqual(['me']);
    });

    it('a path can be locked beside another that only looks alike', async () => {
      expect(await lock('me', 'a/b', 'ab', 'a/bc')).toBe('locked');
      expect(await lock('other', 'a/c', 'abc', 'b')).toBe('locked');
    });

    it('parts may be any strings', async () => {
      const odd: LockPath[] = [['\x00'], ['\x00', ''], ['', ''], ['\xff/']];
      expect(await w.locks.lock(w.namespace, 'me', SECOND, [odd[1], odd[2], odd[3]])).toBeUndefined();
      expect(await w.locks.lock(w.namespace, 'other', SECOND, [odd[0]])).toEqual(odd[0]);
      expect(await w.locks.read(w.namespace, odd)).toEqual([undefined, 'me', 'me', 'me']);
    });

    it('all paths of one call are locked or none', async () => {
      await lock('other', 'b');
      expect(await lock('me', 'a', 'b', 'c')).toBe('not b');
      expect(await read('a', 'b', 'c')).toEqual([undefined, 'other', undefined]);
      expect(await lock('third', 'a')).toBe('locked');
    });

    it.each([
      ['a', 'a'],
      ['a', 'a/b'],
      ['a/b', 'a'],
    ])('paths of one call that overlap are not lockable: %s and %s', async (first, second) => {
      expect(await lock('me', 'x', first, second)).toBe(`not ${second}`);
      expect(await read('x', first, second)).toEqual([undefined, undefined, undefined]);
    });

    it('some of the paths are locked where that is what is asked', async () => {
      await lock('other', 'b');
      const done = await w.locks.lockSome(w.namespace, 'me', SECOND, paths('a', 'b', 'b/c', 'c', 'a/x'));
      expect(done).toEqual([true, false, false, true, false]);
      expect(await read('a', 'b', 'c')).toEqual(['me', 'other', 'me']);
    });

    it('one past its timeout is free', async () => {
      await lock('me', 'a/b');
      await w.advance(10 * SECOND - 1);
      expect(await lock('other', 'a')).toBe('not a');
      expect(await read('a/b')).toEqual(['me']);
      await w.advance(1);
      expect(await read('a/b')).toEqual([undefined]);
      expect(await lock('other', 'a')).toBe('locked');
      expect(await read('a', 'a/b')).toEqual(['other', undefined]);
    });

    it('one past its timeout can neither be renewed nor unlocked', async () => {
      await lock('me', 'a');
      await w.advance(10 * SECOND);
      expect(await renew('me', SECOND, 'a')).toEqual({ path: ['a'], holder: undefined });
      expect(await unlock('me', 'a')).toEqual({ path: ['a'], holder: undefined });
      expect(await read('a')).toEqual([undefined]);
    });

    it('are renewed by their holder, from now on', async () => {
      await lock('me', 'a', 'b');
      await w.advance(9 * SECOND);
      expect(await renew('me', 5 * SECOND, 'a', 'b')).toBeUndefined();
      await w.advance(5 * SECOND - 1);
      expect(await read('a', 'b')).toEqual(['me', 'me']);
      await w.advance(1);
      expect(await read('a', 'b')).toEqual([undefined, undefined]);
    });

    it('are renewed all or none, by their holder only', async () => {
      await lock('me', 'a');
      await lock('other', 'b');
      await w.advance(9 * SECOND);
      expect(await renew('me', 99 * SECOND, 'a', 'b')).toEqual({ path: ['b'], holder: 'other' });
      expect(await renew('me', 99 * SECOND, 'a', 'x')).toEqual({ path: ['x'], holder: undefined });
      expect(await renew('me', 99 * SECOND, 'a/b')).toEqual({ path: ['a', 'b'], holder: undefined });
      await w.advance(SECOND);
      expect(await read('a', 'b')).toEqual([undefined, undefined]);
    });

    it('are unlocked by their holder, all or none', async () => {
      await lock('me', 'a', 'b');
      await lock('other', 'c');
      expect(await unlock('me', 'a', 'c')).toEqual({ path: ['c'], holder: 'other' });
      expect(await unlock('other', 'a')).toEqual({ path: ['a'], holder: 'me' });
      expect(await read('a', 'b', 'c')).toEqual(['me', 'me', 'other']);
      expect(await unlock('me', 'a', 'b')).toBeUndefined();
      expect(await read('a', 'b', 'c')).toEqual([undefined, undefined, 'other']);
      expect(await lock('other', 'a/b')).toBe('locked');
    });

    it('of all paths that begin with a prefix are dropped, whoever holds them', async () => {
      await lock('me', 'a/b', 'a/c/d', 'ab', 'b');
      await lock('other', 'a/e');
      await w.locks.drop(w.namespace, path('a'));
      expect(await read('a/b', 'a/c/d', 'a/e', 'ab', 'b')).toEqual([undefined, undefined, undefined, 'me', 'me']);
      await w.locks.drop(w.namespace, path('b'));
      await w.locks.drop(w.namespace, path('b/none'));
      expect(await read('ab', 'b')).toEqual(['me', undefined]);
      await w.locks.drop(w.namespace, path(''));
      expect(await read('ab')).toEqual([undefined]);
      expect(await lock('other', '')).toBe('locked');
    });

    it('belong to their namespace, and go with it', async () => {
      await lock('me', 'a');
      expect(await w.locks.lock('elsewhere', 'other', SECOND, paths('a'))).toBeUndefined();
      expect(await read('a')).toEqual(['me']);
      await w.namespaces.destroy(w.namespace);
      expect(await read('a')).toEqual([undefined]);
      expect(await w.locks.read('elsewhere', paths('a'))).toEqual(['other']);
    });

    it('of no paths are locked, renewed, read and unlocked', async () => {
      expect(await lock('me')).toBe('locked');
      expect(await renew('me', SECOND)).toBeUndefined();
      expect(await read()).toEqual([]);
      expect(await unlock('me')).toBeUndefined();
    });

    it('of paths with very many parts are found from above and below', async () => {
      const long = Array.from({ length: 20_000 }, (_, index) => String(index % 10));
      expect(await w.locks.lock(w.namespace, 'me', SECOND, [long])).toBeUndefined();
      expect(await w.locks.lock(w.namespace, 'me', SECOND, [['0']])).toEqual(['0']);
      expect(await w.locks.lock(w.namespace, 'me', SECOND, [[...long, 'below']])).toEqual([...long, 'below']);
      await w.advance(SECOND);
      expect(await w.locks.lock(w.namespace, 'me', SECOND, [['0']])).toBeUndefined();
    });
  });
}
