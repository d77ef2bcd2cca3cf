import type { SnapshotRecord, SnapshotRecords } from 'coordinate-daemon/backend';
import { SECOND, StorageNotEmptyError, StorageUnavailableError, ZERO_TIME } from 'coordinate-daemon/backend';
import { expect, it } from 'vitest';
import { data, hex } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

async function all(records: SnapshotRecords): Promise<SnapshotRecord[]> {
  const list: SnapshotRecord[] = [];
  for await (const some of records) list.push(...some);
  return list;
}

/** Records one by one, with something happening before each. */
async function* oneByOne(
  records: readonly SnapshotRecord[],
  before: (at: number) => unknown = () => undefined,
): AsyncGenerator<SnapshotRecord[]> {
  for (const [at, record] of records.entries()) {
    await before(at);
    yield [record];
  }
}

/** A record as one line that can be read, its attempts' numbers counted from the first one on. */
function line(record: SnapshotRecord, first: number): string {
  switch (record.kind) {
    case 'head':
      return `head: ${record.units} units`;
    case 'namespace':
      return `namespace ${record.name}`;
    case 'work spec':
      return `spec ${record.definition.name}`;
    case 'work unit':
      return `unit ${record.name} ${record.status} ${record.moment - START} tries ${record.tries}`;
    case 'attempt': {
      const { number, worker, status, start, end, expiration, late } = record;
      const times = [start, end, expiration].map((time) => (time === ZERO_TIME ? '-' : time - START));
      return `attempt ${number - first + 1} of ${worker} ${status} ${times.join(' ')}${late ? ' late' : ''}`;
    }
    case 'worker':
      return `worker ${record.name} below ${record.parent ?? '-'} ${record.mode} ${record.expiration - START}`;
  }
}

const numbersIn = (records: readonly SnapshotRecord[]): number[] =>
  records.flatMap((record) => (record.kind === 'attempt' ? [record.number] : []));

function lines(records: readonly SnapshotRecord[]): string[] {
  const first = Math.min(...numbersIn(records));
  return records.map((record) => line(record, first));
}

/** What a backend may not know after restoring: numbers that were given out, and were nobody's any more. */
const withoutHead = (records: readonly SnapshotRecord[]): SnapshotRecord[] =>
  records.filter(({ kind }) => kind !== 'head');

export function describeSnapshots(w: World): void {
  const read = (): Promise<SnapshotRecord[]> => w.snapshots.read(all);

  /** A unit in each status, one that is late, one with a history, and workers of whom one is another's child. */
  async function fill(): Promise<void> {
    await w.spec('s', { then: 't', weight: 7, extra: [1, 2.5] });
    await w.spec('t');
    await w.workers.change(w.namespace, 'w', { parent: 'p', update: { mode: 'run', data: data({ host: 'h' }) } });
    await w.add('s', { name: 'available', priority: 1.5, data: { x: 1 } }, { name: 'delayed', delay: 50 * LEASE });
    for (const name of ['failed', 'finished', 'pending', 'released']) await w.add('s', name);
    await w.act(await w.make('w', 's', 'failed'), 'fail', { content: { traceback: 'no' } });
    await w.act(await w.make('w', 's', 'finished'), 'finish', { content: { output: ['chained'] } });
    await w.act(await w.make('w', 's', 'released'), 'retry', { delay: 0 });
    await w.add('s', 'late');
    await w.make('w', 's', 'late', SECOND);
    await w.advance(2 * SECOND);
    await w.make('w', 's', 'pending', LEASE);
  }

  /** All that is remembered of the first spec, the workers and the clock, as a client would see it. */
  async function seen(): Promise<unknown> {
    const units = await w.units.list(w.namespace, 's', {});
    const histories = await Promise.all(units.map(async ({ name }) => await w.units.attempts(w.namespace, 's', name)));
    return {
      specs: (await w.specs.list(w.namespace)).map(({ name, data: own }) => [name, hex(own)]),
      meta: await w.specs.meta(w.namespace, 's', true),
      counts: [await w.counts('s'), await w.counts('t')],
      units: units.map(({ data: own, ...unit }) => ({ ...unit, data: hex(own) })),
      histories: histories.map((history) => history.map(({ data: own, ...rest }) => ({ ...rest, data: hex(own) }))),
      chained: await w.names('t'),
      workers: await w.workers.list(w.namespace, {}),
      parent: (await w.workers.find(w.namespace, 'w'))!.parent,
      active: await w.activeOf('w'),
      all: await w.allOf('w'),
    };
  }

  w.describeWith('snapshots', 'a snapshot', () => {
    it('is of everything, in the order that is described', async () => {
      await fill();
      expect(lines(await read())).toEqual([
        'head: 8 units',
        'namespace test',
        'spec s',
        `unit available available 0 tries 0`,
        `unit delayed delayed ${50 * LEASE} tries 0`,
        `unit failed failed 0 tries 1`,
        `attempt 1 of w failed 0 0 ${LEASE}`,
        `unit finished finished 0 tries 1`,
        `attempt 2 of w finished 0 0 ${LEASE}`,
        `unit late available ${SECOND} tries 1`,
        `attempt 4 of w expired 0 ${SECOND} ${SECOND} late`,
        `unit pending pending ${2 * SECOND + LEASE} tries 1`,
        `attempt 5 of w pending ${2 * SECOND} - ${2 * SECOND + LEASE}`,
        `unit released available 0 tries 1`,
        `attempt 3 of w retryable 0 0 ${LEASE}`,
        'spec t',
        'unit chained available 0 tries 0',
        'worker p below -  0',
        'worker w below p run 900000000',
      ]);
    });

    it('says when it was taken, and up to which number attempts have been given one', async () => {
      await fill();
      const records = await read();
      const [head] = records;
      expect(head).toMatchObject({ kind: 'head', takenAt: START + 2 * SECOND });
      const { lastAttemptNumber } = head as Extract<SnapshotRecord, { kind: 'head' }>;
      expect(lastAttemptNumber).toBeGreaterThanOrEqual(Math.max(...numbersIn(records)));
    });

    it('is taken at one moment, whatever happens while it is read', async () => {
      await fill();
      const still = await read();
      const moving = await w.snapshots.read(async (records) => {
        const list: SnapshotRecord[] = [];
        await w.units.delete(w.namespace, 's', { names: ['finished'] });
        for await (const some of records) {
          if (list.length === 0) {
            await w.add('s', { name: 'available', data: { y: 2 } }, 'new');
            await w.claim('other', { units: 9 });
            await w.spec('u');
            await w.specs.delete(w.namespace, 't');
            await w.workers.change(w.namespace, 'p', { deactivate: true });
            await w.advance(LEASE);
            await w.counts('s');
          }
          list.push(...some);
        }
        return list;
      });
      expect(moving).toEqual(still);
      expect(await w.names('s')).toEqual(['available', 'delayed', 'failed', 'late', 'new', 'pending', 'released']);
    });

    it('whose reader fails is that failure, and another can be read', async () => {
      await fill();
      const gone = w.snapshots.read(async (records) => {
        for await (const some of records) if (some.length > 0) throw new Error('gone away');
      });
      await expect(gone).rejects.toThrow('gone away');
      expect(await read()).toHaveLength(19);
    });

    it('of nothing is a head', async () => {
      expect(lines(await read())).toEqual(['head: 0 units']);
    });

    w.itWith('locks', 'leaves locks out', async () => {
      await w.locks.lock(w.namespace, 'me', LEASE, [['a']]);
      const records = await read();
      await w.empty();
      await w.snapshots.restore(oneByOne(records));
      expect(await w.locks.read(w.namespace, [['a']])).toEqual([undefined]);
    });
  });

  w.describeWith('snapshots', 'restoring a snapshot', () => {
    it('makes the storage that it was taken of, and the same snapshot can be taken of it', async () => {
      await fill();
      const [before, records] = [await seen(), await read()];
      await w.empty();
      expect(await w.specs.list(w.namespace)).toEqual([]);
      await w.snapshots.restore(oneByOne(records));
      expect(await seen()).toEqual(before);
      expect(withoutHead(await read())).toEqual(withoutHead(records));
    });

    it('goes on where it stood: leases, delays and late attempts', async () => {
      await fill();
      const records = await read();
      const [late] = await w.units.attempts(w.namespace, 's', 'late');
      const [pending] = await w.units.attempts(w.namespace, 's', 'pending');
      await w.empty();
      await w.snapshots.restore(oneByOne(records));
      await w.act(late, 'finish');
      expect(await w.status('s', 'late')).toBe('finished');
      await w.advance(LEASE - 1);
      expect(await w.status('s', 'pending')).toBe('pending');
      await w.advance(1);
      expect(await w.status('s', 'pending')).toBe('available');
      expect(await w.claimed('other', { units: 9 })).toEqual(['available', 'pending', 'released']);
      await expect(w.act(pending, 'finish')).rejects.toThrow();
      await w.setClock(START + 50 * LEASE);
      expect(await w.status('s', 'delayed')).toBe('available');
    });

    it('keeps what was stopped stopped, and edited what was edited', async () => {
      await w.spec('s');
      await w.spec('t');
      await w.add('s', 'cancelled', 'edited', 'past', 'recalled');
      await w.act(await w.make('w', 's', 'cancelled'), 'cancel', { cause: 'wrong' });
      await w.act(await w.make('w', 's', 'recalled'), 'recall');
      await w.act(await w.make('w', 's', 'past'), 'cancel');
      await w.make('other', 's', 'past');
      await w.act(await w.make('w', 's', 'edited'), 'fail', { content: { error: 'E' } });
      await w.units.change(w.namespace, 's', 'edited', { data: data({ v: 2 }) });
      const [before, records] = [await seen(), await read()];
      await w.empty();
      await w.snapshots.restore(oneByOne(records));
      expect(await seen()).toEqual(before);
      expect(lines(await read())).toEqual(lines(records));
      expect(await w.history('s', 'past')).toEqual(['w cancelled', 'other pending']);
      expect(await w.data('s', 'edited')).toEqual({ v: 2 });
      for (const name of ['cancelled', 'recalled']) {
        expect(await w.report('s', name, 'finished')).toEqual({ changed: false, reason: 'cancelled' });
      }
    });

    it('gives no attempt a number again', async () => {
      await fill();
      const records = await read();
      const { lastAttemptNumber } = records[0] as Extract<SnapshotRecord, { kind: 'head' }>;
      await w.empty();
      await w.snapshots.restore(oneByOne(records));
      expect((await w.take()).number).toBeGreaterThan(lastAttemptNumber);
    });

    it.each([
      ['a work spec', () => w.spec('other')],
      ['a worker', () => w.workers.ensure(w.namespace, 'other')],
    ])('is refused by a storage that holds %s, which stays as it is', async (_, make) => {
      await fill();
      const records = await read();
      await w.empty();
      await make();
      const before = await read();
      await expect(w.snapshots.restore(oneByOne(records))).rejects.toThrow(StorageNotEmptyError);
      expect(withoutHead(await read())).toEqual(withoutHead(before));
    });

    it('is not kept from a storage by a namespace that holds nothing', async () => {
      await fill();
      const records = await read();
      await w.empty();
      await w.namespaces.ensure(w.namespace);
      await w.namespaces.ensure('nothing');
      await w.snapshots.restore(oneByOne(records));
      expect(await w.namespaces.list()).toEqual(['nothing', w.namespace]);
      expect((await w.counts('s')).pending).toBe(1);
    });

    it('that breaks off leaves nothing behind, and can be begun again', async () => {
      await fill();
      const records = await read();
      await w.empty();
      for (const last of [1, 5, 12, records.length - 1]) {
        const broken = oneByOne(records, (at) => {
          if (at === last) throw new Error('the file ends here');
        });
        await expect(w.snapshots.restore(broken)).rejects.toThrow('the file ends here');
        expect(lines(await read())).toEqual(['head: 0 units']);
        expect(await w.namespaces.list()).toEqual([]);
      }
      await w.snapshots.restore(oneByOne(records));
      expect((await w.names('s')).length).toBe(7);
    });

    it('is seen by nobody before all of it is there, and loses nothing that comes meanwhile', async () => {
      await fill();
      const records = await read();
      await w.empty();
      // Whoever adds something meanwhile does so before, and restoring is refused, or has to wait, or is told to try again.
      let adding: Promise<unknown> | undefined;
      const restoring = w.snapshots.restore(
        oneByOne(records, (at) => {
          if (at === 5) adding = w.spec('meanwhile').catch((error: unknown) => error);
        }),
      );
      const restored = await restoring.then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(StorageNotEmptyError);
          return false;
        },
      );
      const refused = await adding;
      if (refused !== undefined) expect(refused).toBeInstanceOf(StorageUnavailableError);
      const names = (await w.specs.list(w.namespace)).map(({ name }) => name);
      expect(names).toEqual([...(refused === undefined ? ['meanwhile'] : []), ...(restored ? ['s', 't'] : [])]);
    });
  });
}
