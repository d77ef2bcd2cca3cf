import { createHash } from 'node:crypto';
import { HOUR, MOST_SESSIONS, RetentionPolicy, SECOND, type Session } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { START, type World } from '../world.js';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export function describeSessions(w: World): void {
  const add = async (id: string, holder = 'ann', lifetime = HOUR): Promise<void> =>
    w.sessions.add({ hash: hash(id), holder: hash(holder), basis: `{"of":"${id} é"}`, lifetime });
  const there = async (...ids: string[]): Promise<boolean[]> => {
    const found = (await w.sessions.find(ids.map(hash))).map((session: Session) => session.hash);
    return ids.map((id) => found.includes(hash(id)));
  };

  describe('sessions', () => {
    it('are found by the hash of their id until their time is over', async () => {
      await add('a');
      await w.advance(10 * SECOND);
      await add('b', 'bob', 2 * SECOND);
      expect(await w.sessions.find([hash('a')])).toEqual([
        { hash: hash('a'), basis: '{"of":"a é"}', ends: START + HOUR, left: HOUR - 10 * SECOND },
      ]);
      expect(await there('a', 'b', 'c')).toEqual([true, true, false]);
      expect(await w.sessions.find([])).toEqual([]);
      await w.advance(2 * SECOND);
      expect(await there('a', 'b')).toEqual([true, false]);
    });

    it('end for good when they are ended', async () => {
      await add('a');
      await add('b');
      expect([await w.sessions.end(hash('a')), await w.sessions.end(hash('a'))]).toEqual([true, false]);
      expect(await there('a', 'b')).toEqual([false, true]);
      await w.advance(HOUR);
      expect(await w.sessions.end(hash('b'))).toBe(false);
    });

    it('of one holder are bounded: the oldest go', async () => {
      await add('other', 'bob');
      for (let i = 0; i < MOST_SESSIONS + 2; i++) {
        await add(`s${i}`);
        await w.advance(SECOND);
      }
      expect(await there('other', 's0', 's1', 's2', `s${MOST_SESSIONS + 1}`)).toEqual([true, false, false, true, true]);
    });

    it('go on beside what happens to namespaces', async () => {
      await w.spec('s');
      await add('a');
      await w.namespaces.destroy(w.namespace);
      expect(await there('a')).toEqual([true]);
    });

    w.itWith('retention', 'are removed when their time is over, whatever the policy keeps', async () => {
      await add('a', 'ann', SECOND);
      await add('b');
      await w.advance(SECOND);
      for (let more = true; more;) ({ more } = await w.maintenance.retain(new RetentionPolicy({})));
      await w.setClock(START);
      expect(await there('a', 'b')).toEqual([false, true]);
    });

    w.itWith('sharing', 'are the same for all daemons on a storage', async () => {
      const other = await w.another();
      await add('a');
      expect(await other.sessions.find([hash('a')])).toHaveLength(1);
      await other.sessions.end(hash('a'));
      expect(await there('a')).toEqual([false]);
    });
  });
}
