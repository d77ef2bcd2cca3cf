import { describe, expect, it } from 'vitest';
import { data, refusal } from '../data.js';
import type { World } from '../world.js';
import { LEASE } from '../world.js';
import { attemptsOf } from '../attempts.js';

export function describeNamespaces(w: World): void {
  describe('namespaces', () => {
    it('one is created by referring to it, and is there once', async () => {
      expect(await w.namespaces.exists('a')).toBe(false);
      await w.namespaces.ensure('a');
      await w.namespaces.ensure('a');
      expect(await w.namespaces.exists('a')).toBe(true);
      expect(await w.namespaces.list()).toEqual(['a']);
    });

    it('setting a work spec, claiming and naming a worker create theirs', async () => {
      await w.spec('s', {}, 'by spec');
      await w.attempts.claim('by claim', { worker: 'w', units: 1, lifetime: LEASE });
      await w.workers.ensure('by worker', 'w');
      await w.workers.change('by update', 'w', { update: {} });
      expect(await w.namespaces.list()).toEqual(['by claim', 'by spec', 'by update', 'by worker']);
    });

    it('reading below one that is missing finds it empty and does not create it', async () => {
      expect(await w.specs.find('none', 's')).toBeUndefined();
      expect(await w.specs.list('none')).toEqual([]);
      expect(await w.specs.clear('none')).toBe(0);
      expect(await w.specs.delete('none', 's')).toBe(false);
      expect(await w.workers.find('none', 'w')).toBeUndefined();
      expect(await w.workers.list('none', {})).toEqual([]);
      expect(await w.workers.stats('none')).toEqual({ workers: 0, children: 0 });
      expect(await w.workers.deactivate('none', 'w')).toBe(false);
      expect(await attemptsOf(w.attempts, 'active', 'none', 'w')).toEqual([]);
      expect(await attemptsOf(w.attempts, 'all', 'none', 'w')).toEqual([]);
      expect(await attemptsOf(w.attempts, 'of children', 'none', 'w')).toEqual([]);
      expect(await w.namespaces.summarize('none')).toEqual([]);
      expect(await refusal(() => w.units.list('none', 's', {}))).toBe('ErrNoSuchWorkSpec');
      expect(await w.namespaces.exists('none')).toBe(false);
      expect(await w.namespaces.list()).toEqual([]);
    });

    it('a name is any valid Unicode, the empty one and U+0000 included, listed in the order of their UTF-8', async () => {
      const names = ['', '\u0000', 'a', 'a\u0000', 'b', 'é', '\uffff', '\u{1f600}', '\u{10ffff}'];
      for (const name of [...names].reverse()) await w.namespaces.ensure(name);
      expect(await w.namespaces.list()).toEqual(names);
      for (const name of names) expect(await w.namespaces.exists(name)).toBe(true);
      expect(await w.namespaces.exists('A')).toBe(false);
    });

    it('no state is shared between two of them', async () => {
      for (const namespace of ['one', 'two']) {
        await w.spec('s', {}, namespace);
        await w.units.add(namespace, 's', [{ name: 'u', data: data({ of: namespace }), priority: 0 }]);
        await w.workers.change(namespace, 'w', { update: { mode: namespace } });
      }
      const claim = await w.attempts.claim('one', { worker: 'w', units: 5, lifetime: LEASE });
      expect(claim.attempts).toHaveLength(1);
      expect(await attemptsOf(w.attempts, 'active', 'one', 'w')).toHaveLength(1);
      expect(await attemptsOf(w.attempts, 'active', 'two', 'w')).toEqual([]);
      expect((await w.units.get('two', 's', 'u')).status).toBe('available');
      expect((await w.workers.find('two', 'w'))!.mode).toBe('two');
      expect(await refusal(() => w.attempts.get('two', claim.attempts[0]))).toBe('ErrGone');
      await w.specs.delete('one', 's');
      expect(await w.specs.find('two', 's')).toBeDefined();
    });

    it('destroying one destroys all below it and nothing else', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.workers.change(w.namespace, 'w', { update: { mode: 'm' } });
      await w.namespaces.ensure('other');
      expect(await w.namespaces.destroy(w.namespace)).toBe(true);
      expect(await w.namespaces.exists(w.namespace)).toBe(false);
      expect(await w.namespaces.list()).toEqual(['other']);
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNoSuchWorkSpec');
      expect(await refusal(() => w.make('w', 's', 'u'))).toBe('ErrNoSuchWorkSpec');

      await w.namespaces.ensure(w.namespace);
      expect(await w.specs.list(w.namespace)).toEqual([]);
      expect(await w.workers.list(w.namespace, {})).toEqual([]);
      expect(await w.allOf('w')).toEqual([]);
      await w.spec('s');
      await w.add('s', 'u');
      expect(await refusal(() => w.attempt(attempt))).toBe('ErrGone');
      expect(await w.history('s', 'u')).toEqual([]);
    });

    it('destroying one that is not there says so', async () => {
      expect(await w.namespaces.destroy('none')).toBe(false);
      expect(await w.namespaces.exists('none')).toBe(false);
    });
  });
}
