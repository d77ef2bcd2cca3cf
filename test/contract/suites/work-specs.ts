import { ByteString, CborMap, defineWorkSpec, Tuple } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { data, hex, refusal } from '../data.js';
import type { World } from '../world.js';

export function describeWorkSpecs(w: World): void {
  const names = async (window = {}): Promise<string[]> =>
    (await w.specs.list(w.namespace, window)).map(({ name }) => name);

  describe('work specs', () => {
    it('one is kept with the data that the user gave, to the byte', async () => {
      const encoded = data(
        new CborMap([
          [new ByteString('name'), new ByteString('s')],
          ['x', new Tuple([1, []])],
        ]),
      );
      await w.specs.set(w.namespace, defineWorkSpec(encoded));
      const spec = await w.specs.find(w.namespace, 's');
      expect(hex(spec!.data)).toBe(hex(encoded));
      expect(spec).toMatchObject({ name: 's', nameIsBytes: true });
    });

    it('does not change with the memory that its data came in', async () => {
      const encoded = Buffer.from(data({ name: 's', x: 1 }));
      const before = hex(encoded);
      await w.specs.set(w.namespace, defineWorkSpec(encoded));
      encoded.fill(0);
      expect(hex((await w.specs.find(w.namespace, 's'))!.data)).toBe(before);
    });

    it('what is missing is not found, and using it is ErrNoSuchWorkSpec', async () => {
      await w.namespaces.ensure(w.namespace);
      expect(await w.specs.find(w.namespace, 's')).toBeUndefined();
      const uses = [
        () => w.specs.meta(w.namespace, 's', false),
        () => w.specs.changeMeta(w.namespace, 's', {}),
        () => w.specs.counts(w.namespace, 's'),
        () => w.specs.redefine(w.namespace, defineWorkSpec(data({ name: 's' }))),
        () => w.units.add(w.namespace, 's', []),
        () => w.units.get(w.namespace, 's', 'u'),
        () => w.units.getMany(w.namespace, 's', ['u']),
        () => w.units.list(w.namespace, 's', {}),
        () => w.units.listNames(w.namespace, 's', {}),
        () => w.units.list(w.namespace, 's', { limit: 0 }),
        () => w.units.listNames(w.namespace, 's', { names: [], limit: 0 }),
        () => w.units.change(w.namespace, 's', 'u', {}),
        () => w.units.prioritize(w.namespace, 's', {}, { to: 1 }),
        () => w.units.clear(w.namespace, 's', {}),
        () => w.units.delete(w.namespace, 's', {}),
        () => w.units.prioritize(w.namespace, 's', { limit: 0 }, { to: 1 }),
        () => w.units.clear(w.namespace, 's', { limit: 0 }),
        () => w.units.delete(w.namespace, 's', { limit: 0 }),
        () => w.units.delete(w.namespace, 's', { names: [] }),
        () => w.units.attempts(w.namespace, 's', 'u'),
        () => w.units.history(w.namespace, 's', 'u'),
        () => w.units.numAttempts(w.namespace, 's', 'u'),
        () => w.make('w', 's', 'u'),
        () => w.report('s', 'u', 'finished'),
      ];
      for (const use of uses) expect(await refusal(use)).toBe('ErrNoSuchWorkSpec');
      await expect((async () => await w.specs.counts(w.namespace, 'gone'))()).rejects.toMatchObject({ value: 'gone' });
      expect(await w.specs.find(w.namespace, 's')).toBeUndefined();
    });

    it('are told from those that are missing', async () => {
      await w.spec('s');
      await w.spec('é\u0000');
      expect(await w.specs.missing(w.namespace, ['t', 's', 'é\u0000', 't', ''])).toEqual(['t', 't', '']);
      expect(await w.specs.missing(w.namespace, [])).toEqual([]);
      expect(await w.specs.missing('elsewhere', ['s'])).toEqual(['s']);
    });

    it('a name is unique: setting it again changes the one that is there', async () => {
      await w.spec('s', { x: 1 });
      await w.spec('s', { x: 2 });
      expect(await names()).toEqual(['s']);
      expect(hex((await w.specs.find(w.namespace, 's'))!.data)).toBe(hex(data({ name: 's', x: 2 })));
    });

    it('are listed in the order of their UTF-8, and in windows from the first name wanted', async () => {
      const all = ['\u0000', 'a', 'a\u0000b', 'ab', 'b', 'é', '\uffff', '\u{1f600}'];
      for (const name of [...all].reverse()) await w.spec(name);
      expect(await names()).toEqual(all);
      expect(await names({ limit: 3 })).toEqual(all.slice(0, 3));
      expect(await names({ start: 'ab' })).toEqual(all.slice(3));
      expect(await names({ start: 'aa', limit: 2 })).toEqual(['ab', 'b']);
      expect(await names({ start: '\u{1f601}' })).toEqual([]);
      expect(await names({ limit: 100 })).toEqual(all);
      expect(await names({ limit: 0 })).toEqual([]);
    });

    it('are measured as they are listed, in windows too', async () => {
      for (const [name, text] of [
        ['a', ''],
        ['b\u0000', 'x'.repeat(5000)],
        ['é', 'y'],
      ]) {
        await w.spec(name, { text });
      }
      const listed = (await w.specs.list(w.namespace)).map(({ name, data: { length } }) => ({ name, bytes: length }));
      expect(listed.map(({ name }) => name)).toEqual(['a', 'b\u0000', 'é']);
      expect(await w.specs.measure(w.namespace, {})).toEqual(listed);
      expect(await w.specs.measure(w.namespace, { start: 'b', limit: 1 })).toEqual(listed.slice(1, 2));
      expect(await w.specs.measure(w.namespace, { start: 'c' })).toEqual(listed.slice(2));
      expect(await w.specs.measure('none', {})).toEqual([]);
    });

    it('deleting one deletes its units and their attempts, also from the lists of their workers', async () => {
      await w.spec('s');
      await w.spec('t');
      await w.add('s', 'u');
      await w.add('t', 'u');
      const attempt = await w.make('w', 's', 'u');
      await w.make('w', 't', 'u');
      expect(await w.specs.delete(w.namespace, 's')).toBe(true);
      expect(await w.specs.delete(w.namespace, 's')).toBe(false);
      expect(await w.activeOf('w')).toEqual(['t/u']);
      expect(await w.allOf('w')).toEqual(['t/u']);
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNoSuchWorkSpec');

      await w.spec('s');
      expect(await w.names('s')).toEqual([]);
      await w.add('s', 'u');
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrGone');
      expect(await w.status('s', 'u')).toBe('available');
    });

    it('clearing a namespace of them says how many there were', async () => {
      for (const name of ['a', 'b', 'c']) await w.spec(name);
      await w.add('a', 'u');
      await w.take();
      expect(await w.specs.clear(w.namespace)).toBe(3);
      expect(await names()).toEqual([]);
      expect(await w.allOf('w')).toEqual([]);
      expect(await w.specs.clear(w.namespace)).toBe(0);
    });
  });
}
