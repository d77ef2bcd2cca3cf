import { ByteString, CborMap, Float, SECOND, Tagged, Tuple, Uuid, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { data, hex, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeAddingUnits(w: World): void {
  describe('adding work units', () => {
    it('makes them available, with their data and meta', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 }, priority: -2.5 }, 'plain');
      expect(await w.unit('s', 'u')).toMatchObject({
        name: 'u',
        status: 'available',
        priority: -2.5,
        notBefore: ZERO_TIME,
        activeAttempt: undefined,
      });
      expect(await w.data('s', 'u')).toEqual({ x: 1 });
      expect(await w.unit('s', 'plain')).toMatchObject({ priority: 0, notBefore: ZERO_TIME });
      expect(hex((await w.unit('s', 'plain')).data)).toBe('a0');
      expect(await w.history('s', 'u')).toEqual([]);
    });

    it('with a delay or a moment ahead makes them delayed until then', async () => {
      await w.spec('s');
      await w.add('s', { name: 'a', delay: 5 * SECOND }, { name: 'b', notBefore: START + 6 * SECOND });
      await w.add(
        's',
        { name: 'past', notBefore: START - 1 },
        { name: 'now', notBefore: START },
        { name: 'z', delay: 0 },
      );
      expect((await w.unit('s', 'a')).notBefore).toBe(START + 5 * SECOND);
      expect(await w.counts('s')).toEqual({ delayed: 2, available: 3 });
      await w.advance(5 * SECOND);
      expect(await w.names('s', { statuses: ['delayed'] })).toEqual(['b']);
      await w.advance(SECOND);
      expect(await w.counts('s')).toEqual({ available: 5 });
    });

    it('keeps whatever CBOR can say, to the byte', async () => {
      await w.spec('s');
      const entries: CborMap = new CborMap([
        ['bytes', new ByteString('\x00\xff\xc3')],
        [new ByteString('text key as bytes'), 'tëxt'],
        ['tuple', new Tuple([1, new Tuple([]), [new Tuple(['x'])]])],
        ['uuid', new Uuid('0123456789abcdef')],
        ['tag', new Tagged(4711, ['unknown'])],
        ['empty list', []],
        ['null', null],
        ['floats', [new Float(1), new Float(1, 2), new Float(-0), new Float(Infinity, 4)]],
        [7, new CborMap([[null, true]])],
        ['big', 2n ** 64n - 1n],
      ]);
      const forms = [
        hex(data(entries)),
        'bf616100ff', // of indefinite length
        'b90001616100', // with a head that is longer than need be
        'a2616101616102', // with a key twice
        'a0',
        `a16178${'9f'.repeat(200)}${'ff'.repeat(200)}`,
        `a161785a00030d40${'ab'.repeat(200_000)}`,
      ];
      for (const [index, form] of forms.entries()) {
        await w.units.add(w.namespace, 's', [{ name: `u${index}`, data: Buffer.from(form, 'hex'), priority: 0 }]);
      }
      const { attempts } = await w.claim('w', { units: forms.length });
      for (const [index, form] of forms.entries()) {
        expect(hex((await w.unit('s', `u${index}`)).data)).toBe(form);
        expect(hex(attempts[index].data)).toBe(form);
        expect(hex((await w.attempt(attempts[index])).data)).toBe(form);
      }
    });

    it('takes a copy of the data, and gives out copies', async () => {
      await w.spec('s');
      const bytes = Buffer.from(data({ x: 'some text' }));
      await w.units.add(w.namespace, 's', [{ name: 'u', data: bytes, priority: 0 }]);
      bytes.fill(0);
      const read = (await w.unit('s', 'u')).data;
      expect(show(read)).toEqual({ x: 'some text' });
      read.fill(0);
      expect(await w.data('s', 'u')).toEqual({ x: 'some text' });
    });

    it('of the same name twice in one call: the last wins', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 }, delay: SECOND }, 'v', { name: 'u', data: { x: 2 }, priority: 3 });
      expect(await w.names('s')).toEqual(['u', 'v']);
      expect(await w.data('s', 'u')).toEqual({ x: 2 });
      expect(await w.unit('s', 'u')).toMatchObject({ priority: 3, notBefore: ZERO_TIME, status: 'available' });
    });

    it('adding none is no error', async () => {
      await w.spec('s');
      await w.add('s');
      expect(await w.counts('s')).toEqual({});
    });
  });

  describe('adding a work unit again', () => {
    it('replaces its data and meta, not_before included', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 }, priority: 5, delay: SECOND });
      await w.add('s', { name: 'u', data: { y: 2 } });
      expect(await w.unit('s', 'u')).toMatchObject({ priority: 0, notBefore: ZERO_TIME, status: 'available' });
      expect(await w.data('s', 'u')).toEqual({ y: 2 });
      await w.add('s', { name: 'u', priority: 1, delay: SECOND });
      expect(await w.unit('s', 'u')).toMatchObject({ priority: 1, status: 'delayed' });
      expect(await w.counts('s')).toEqual({ delayed: 1 });
    });

    it('leaves a pending unit pending, and its running attempt its data', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 } });
      const attempt = await w.take();
      await w.add('s', { name: 'u', data: { x: 2 }, priority: 4, delay: LEASE * 3 });
      expect(await w.unit('s', 'u')).toMatchObject({
        status: 'pending',
        priority: 4,
        notBefore: START + LEASE * 3,
        activeAttempt: { number: attempt.number, status: 'pending', expiration: attempt.expiration },
      });
      expect(show((await w.attempt(attempt)).data)).toEqual({ x: 1 });
      expect(await w.data('s', 'u')).toEqual({ x: 2 }); // the attempt has set none of its own
      await w.act(attempt, 'finish');
      expect(await w.status('s', 'u')).toBe('finished');
    });

    it('leaves a pending unit the data that its attempt has set', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 } });
      const attempt = await w.take();
      await w.act(attempt, 'renew', { content: { own: true }, duration: LEASE });
      await w.add('s', { name: 'u', data: { x: 2 } });
      expect(await w.data('s', 'u')).toEqual({ own: true });
      await w.advance(LEASE);
      expect(await w.data('s', 'u')).toEqual({ x: 2 });
    });

    it('decides by its not_before what a pending unit reads as once its attempt has stopped', async () => {
      await w.spec('s');
      await w.add('s', 'u', 'v');
      await w.claim('w', { units: 2 });
      await w.add('s', { name: 'u', delay: 2 * LEASE }, { name: 'v', delay: LEASE });
      await w.advance(LEASE);
      expect([await w.status('s', 'u'), await w.status('s', 'v')]).toEqual(['delayed', 'available']);
    });

    const ended = ['finish', 'fail', 'expire', 'retry'] as const;
    it.each(ended)('leaves it without an active attempt after %s, and keeps its history', async (action) => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 } }, { name: 'd', data: { x: 1 } });
      const { attempts } = await w.claim('w', { units: 2 });
      for (const attempt of attempts) await w.act(attempt, action, { content: { done: action } });
      await w.add('s', { name: 'u', data: { x: 2 } }, { name: 'd', data: { x: 2 }, delay: SECOND });
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'available', activeAttempt: undefined });
      expect(await w.unit('s', 'd')).toMatchObject({ status: 'delayed', activeAttempt: undefined });
      expect(await w.data('s', 'u')).toEqual({ x: 2 });
      expect(await w.history('s', 'u')).toHaveLength(1);
      expect(show((await w.units.attempts(w.namespace, 's', 'u'))[0].data)).toEqual({ done: action });
      expect(await w.claimed()).toEqual(['u']);
    });
  });
}
