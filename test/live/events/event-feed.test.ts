import { beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { EventFeed } from '../../../src/live/events/rest/event-feed.js';
import type { LookedAt } from '../../../src/live/events/rest/event-source.js';
import { homeIn } from '../../../src/rest/links.js';
import { memoryRepositories } from '../../../src/storage/memory/memory-repositories.js';
import type { Repositories } from '../../../src/storage/repositories.js';
import { ManualClock } from '../../contract/memory-harness.js';

describe('a look that could not be finished', () => {
  let storage: Repositories;
  let broken: 'workers' | 'failures' | undefined;
  let feed: EventFeed;

  beforeEach(async () => {
    storage = memoryRepositories(new ManualClock());
    broken = undefined;
    const { overview, workers } = storage;
    const source: LookedAt = {
      overview: (namespace) => overview.read(namespace),
      failures: (namespace, workSpecs, since) => {
        if (broken === 'failures') throw new Error('no failures');
        return overview.failures(namespace, workSpecs, since, 20);
      },
      activeWorkers: async (namespace) => {
        if (broken === 'workers') throw new Error('no workers');
        return (await workers.list(namespace, { active: true })).map(({ name }) => name);
      },
    };
    feed = new EventFeed(source, homeIn('/', 'n'));
    // Workers are looked at in the first look, and in the next one.
    for (let look = 0; look < 5; look++) await feed.look();
    await storage.specs.set('n', defineWorkSpec(encode({ name: 's' })));
    await storage.units.add('n', 's', [{ name: 'u', data: EMPTY_DATA, priority: 0 }]);
    await storage.attempts.claim('n', { worker: 'w', units: 1, lifetime: DEFAULT_LIFETIME });
    await storage.attempts.report('n', { workSpec: 's', workUnit: 'u', status: 'failed', lifetime: DEFAULT_LIFETIME });
  });

  it.each(['workers', 'failures'] as const)(
    'for want of %s leaves nothing out of what the next one tells',
    async (what) => {
      broken = what;
      await expect(feed.look()).rejects.toThrow(`no ${what}`);
      broken = undefined;
      expect(new Set((await feed.look()).map(({ type }) => type))).toEqual(
        new Set(['overview', 'spec', 'drained', 'failure', 'worker']),
      );
      expect(await feed.look()).toEqual([]);
    },
  );
});
