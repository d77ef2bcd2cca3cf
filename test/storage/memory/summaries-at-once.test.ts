import { expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { slicedMemoryHarness } from '../../contract/memory-harness.js';

it('several that sum up very many specs while one is under a long change come to an end, and see all of it', async () => {
  const { repositories } = await slicedMemoryHarness.open();
  const { specs, units, namespaces } = repositories;
  await specs.set('n', defineWorkSpec(encode({ name: 's' })));
  const added = units.add(
    'n',
    's',
    Array.from({ length: 50 }, (_, i) => ({ name: `u${i}`, data: EMPTY_DATA, priority: 0 })),
  );
  const sums = [1, 2, 3].map(async () => await namespaces.summarize());
  const conditions = (async () => await namespaces.conditions())();
  await added;
  const sum = [{ namespace: 'n', workSpec: 's', status: 'available', count: 50 }];
  expect(await Promise.all(sums)).toEqual([sum, sum, sum]);
  expect(await conditions).toMatchObject([{ workSpec: 's' }]);
});
