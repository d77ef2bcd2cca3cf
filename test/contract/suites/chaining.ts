import type { Encodable } from 'coordinate-daemon/backend';
import { ByteString, CborMap, SECOND, Tuple, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { hex, refusal } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeChaining(w: World): void {
  /** A spec `s` that chains into `t`, with a unit `u` that is being worked on. */
  async function begin(): Promise<Awaited<ReturnType<typeof w.take>>> {
    await w.spec('s', { then: 't' });
    await w.spec('t');
    await w.add('s', 'u');
    return await w.take();
  }
  const finishWith = async (output: Encodable): Promise<void> => {
    await w.act(await begin(), 'finish', { content: { output } });
  };

  describe('chaining', () => {
    it('adds the output of a finished unit to the next spec', async () => {
      await finishWith(['a', ['b', { x: 1 }]]);
      expect(await w.names('t')).toEqual(['a', 'b']);
      expect(await w.counts('t')).toEqual({ available: 2 });
      expect(hex((await w.unit('t', 'a')).data)).toBe('a0');
      expect(await w.data('t', 'b')).toEqual({ x: 1 });
      expect(await w.unit('t', 'a')).toMatchObject({ priority: 0, notBefore: ZERO_TIME });
      expect(await w.claimed('w', { units: 9 })).toEqual(['a', 'b']);
    });

    it('takes a dictionary of names and data', async () => {
      await finishWith(
        new CborMap([
          ['a', new CborMap([['x', 1]])],
          [new ByteString('\xff'), new CborMap()],
          ['n', null],
        ]),
      );
      expect(await w.names('t')).toEqual(['a', 'n', '\xff']);
      expect(await w.data('t', 'a')).toEqual({ x: 1 });
      expect(await w.data('t', 'n')).toEqual({});
    });

    it('takes lists and tuples of names, and of lists and tuples of two to four', async () => {
      await finishWith(
        new Tuple([
          new ByteString('a'),
          new Tuple(['b', { x: 2 }]),
          ['c', null, { priority: 3.5, delay: 1.5 }],
          new Tuple(['d', {}, { priority: 3, delay: 2 }, 4]),
          ['e', {}, { priority: 5 }, null],
          ['f', {}, null, -1],
        ]),
      );
      const units = await w.units.list(w.namespace, 't', {});
      expect(units.map(({ name, priority, notBefore }) => [name, priority, notBefore])).toEqual([
        ['a', 0, ZERO_TIME],
        ['b', 0, ZERO_TIME],
        ['c', 3.5, START + 1.5 * SECOND],
        ['d', 4, START + 2 * SECOND],
        ['e', 5, ZERO_TIME],
        ['f', -1, ZERO_TIME],
      ]);
      expect(await w.counts('t')).toEqual({ available: 4, delayed: 2 });
    });

    it('skips items that can not be read and adds the rest', async () => {
      await finishWith([
        'first',
        5,
        null,
        [],
        ['one'],
        ['five', {}, {}, 1, 2],
        [7, {}],
        ['list', []],
        ['text', 'data'],
        ['priority', {}, { priority: 'high' }],
        ['delay', {}, { delay: 'soon' }],
        ['fourth', {}, {}, true],
        'x'.repeat(1025),
        'x'.repeat(1024),
        'last',
      ]);
      expect(await w.names('t')).toEqual(['first', 'last', 'x'.repeat(1024)]);
      expect(await w.status('s', 'u')).toBe('finished');
    });

    it('adds by the rule of adding: a later duplicate wins, and a unit that exists is replaced', async () => {
      const attempt = await begin();
      await w.add('t', { name: 'pending', data: { old: 1 } }, { name: 'done', data: { old: 1 }, priority: 7 });
      const running = await w.make('v', 't', 'pending');
      await w.act(await w.make('v', 't', 'done'), 'finish');
      const output = [
        ['a', { x: 1 }, { priority: 9 }],
        ['pending', { new: 1 }],
        ['done', { new: 1 }],
        ['a', { x: 2 }],
      ];
      await w.act(attempt, 'finish', { content: { output } });
      expect(await w.data('t', 'a')).toEqual({ x: 2 });
      expect((await w.unit('t', 'a')).priority).toBe(0);
      expect(await w.unit('t', 'pending')).toMatchObject({
        status: 'pending',
        activeAttempt: { number: running.number },
      });
      expect(await w.unit('t', 'done')).toMatchObject({ status: 'available', priority: 0 });
      expect(await w.data('t', 'done')).toEqual({ new: 1 });
      expect(await w.history('t', 'done')).toEqual(['v finished']);
    });

    it('adds again a unit whose lease has run out though nobody has looked since', async () => {
      const attempt = await begin();
      await w.add('t', 'late');
      const late = await w.make('v', 't', 'late', SECOND);
      await w.advance(SECOND);
      await w.act(attempt, 'finish', { content: { output: [['late', { new: 1 }]] } });
      expect(await refusal(() => w.act(late, 'finish'))).toBe('ErrNotPending'); // late no more
      expect(await w.status('t', 'late')).toBe('available');
      expect(await w.data('t', 'late')).toEqual({ new: 1 });
    });

    it('passes the data of a unit on to the byte', async () => {
      const attempt = await begin();
      const unit = 'bf41ff9fd8808040ff61781b0000000000000001ff';
      await w.attempts.change(w.namespace, {
        ref: attempt,
        action: 'finish',
        data: Buffer.from(`a1666f757470757481826175${unit}`, 'hex'), // {"output": [["u", …]]}
      });
      expect(hex((await w.unit('t', 'u')).data)).toBe(unit);
    });

    it('reads the output from the data of the attempt where set, else from those of the unit', async () => {
      await w.spec('s', { then: 't' });
      await w.spec('t');
      await w.add('s', { name: 'u', data: { output: ['of the unit'] } }, { name: 'v', data: { output: ['hidden'] } });
      await w.act(await w.make('w', 's', 'u'), 'finish');
      const second = await w.make('w', 's', 'v');
      await w.act(second, 'renew', { content: { output: ['of the renewal'] } });
      await w.act(second, 'finish');
      expect(await w.names('t')).toEqual(['of the renewal', 'of the unit']);
    });

    it('reads the output from the data that the unit was given again while it was pending', async () => {
      const attempt = await begin();
      await w.add('s', { name: 'u', data: { output: ['new'] } });
      await w.act(attempt, 'finish');
      expect(await w.names('t')).toEqual(['new']);
    });

    it('adds nothing, and is no error, when the next spec does not exist', async () => {
      await w.spec('s', { then: 'none' });
      await w.add('s', 'u');
      await w.act(await w.take(), 'finish', { content: { output: ['a'] } });
      expect(await w.status('s', 'u')).toBe('finished');
      expect(await w.specs.find(w.namespace, 'none')).toBeUndefined();
    });

    it('adds nothing without `then`, without `output`, and for an output of another kind', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.act(await w.take(), 'finish', { content: { output: ['x'] } });
      expect(await w.names('s')).toEqual(['a']);
      for (const output of [undefined, null, 5, 'x', true, []]) {
        await w.specs.clear(w.namespace);
        await finishWith(output);
        expect(await w.names('t')).toEqual([]);
        expect(await w.status('s', 'u')).toBe('finished');
      }
    });

    it('follows the definition of the spec at the time of finishing', async () => {
      const attempt = await begin();
      await w.spec('other');
      await w.spec('s', { then: 'other' });
      await w.act(attempt, 'finish', { content: { output: ['a'] } });
      expect(await w.names('t')).toEqual([]);
      expect(await w.names('other')).toEqual(['a']);
    });

    it('is into the same namespace', async () => {
      await w.spec('t', {}, 'elsewhere');
      await finishWith(['a']);
      expect(await w.units.listNames('elsewhere', 't', {})).toEqual([]);
    });

    it('into its own spec may add the finished unit again', async () => {
      await w.spec('s', { then: 's' });
      const big = 'x'.repeat(5000);
      await w.add('s', { name: 'u', data: { round: 0, big } });
      const output = [
        ['u', { round: 1, big }],
        ['v', { round: 2, big }],
        ['u', { round: 3, big }],
        ['z', { round: 4, big }],
      ];
      const attempt = await w.take();
      await w.act(attempt, 'renew', { content: { output } });
      await w.act(attempt, 'finish');
      expect(await w.counts('s')).toEqual({ available: 3 });
      expect(await w.data('s', 'u')).toEqual({ round: 3, big });
      expect(await w.data('s', 'v')).toEqual({ round: 2, big });
      expect(await w.data('s', 'z')).toEqual({ round: 4, big });
      expect(await w.history('s', 'u')).toEqual(['w finished']);
    });

    it('into its own spec reads output from the data of the unit that it replaces', async () => {
      await w.spec('s', { then: 's' });
      const item = (round: number): Encodable => ({ round, big: 'x'.repeat(3000) });
      await w.add('s', {
        name: 'u',
        data: {
          output: [
            ['u', item(1)],
            ['a', item(2)],
            ['b', item(3)],
          ],
        },
      });
      await w.act(await w.take(), 'finish');
      for (const [name, round] of [
        ['u', 1],
        ['a', 2],
        ['b', 3],
      ] as const) {
        expect(await w.data('s', name)).toEqual(item(round));
      }
    });

    it('happens when a late attempt is finished, and when a failed one is', async () => {
      const late = await begin();
      await w.advance(LEASE);
      await w.act(late, 'finish', { content: { output: ['late'] } });
      await w.add('s', 'second');
      const failed = await w.make('w', 's', 'second');
      await w.act(failed, 'fail', { content: { output: ['never'] } });
      expect(await w.names('t')).toEqual(['late']);
      await w.act(failed, 'finish', { content: { output: ['after all'] } });
      expect(await w.names('t')).toEqual(['after all', 'late']);
    });

    it('does not happen on fail, retry, expire or renew, nor twice', async () => {
      const attempt = await begin();
      const content = { output: ['a'] };
      await w.act(attempt, 'renew', { content });
      await w.act(attempt, 'retry', { content });
      await w.act(await w.take(), 'expire', { content });
      await w.act(await w.take(), 'fail', { content });
      expect(await w.names('t')).toEqual([]);
      await w.add('s', 'v');
      const second = await w.make('w', 's', 'v');
      await w.act(second, 'finish', { content });
      await w.units.delete(w.namespace, 't', {});
      expect(await refusal(() => w.act(second, 'finish', { content }))).toBe('ErrNotPending');
      expect(await w.names('t')).toEqual([]);
    });

    it('does not happen when an attempt finishes that is no longer active', async () => {
      const attempt = await begin();
      await w.make('v', 's', 'u');
      await w.act(attempt, 'finish', { content: { output: ['a'] } });
      expect(await w.names('t')).toEqual([]);
      expect(await w.status('s', 'u')).toBe('pending');
    });

    it('adds many at once', async () => {
      const output = Array.from({ length: 3000 }, (_, index) => [`n${index}`, { index }]);
      await finishWith(output);
      expect(await w.counts('t')).toEqual({ available: 3000 });
      expect(await w.data('t', 'n2999')).toEqual({ index: 2999 });
    });
  });
}
