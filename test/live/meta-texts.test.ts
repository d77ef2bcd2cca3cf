import { expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import { noCounts } from '../../src/domain/work-unit.js';
import { MetaTexts } from '../../src/live/overview/rest/dto/meta-texts.js';

const metaOf = (fields: object) => defineWorkSpec(encode({ name: 's', ...fields })).meta;
const read = (json: string) => JSON.parse(json) as Record<string, unknown>;

it('control values in overviews are those of now, with the counts of now, however often they were asked for', () => {
  const texts = new MetaTexts();
  const [one, other] = [metaOf({ weight: 5, runtime: 'é' }), metaOf({ weight: 6 })];
  for (let time = 0; time < 2; time++) {
    expect(read(texts.of(one, noCounts()))).toMatchObject({ weight: 5, runtime: 'é', available_count: 0 });
    expect(read(texts.of(other, noCounts()))).toMatchObject({ weight: 6, available_count: 0 });
    expect(read(texts.of(one, { ...noCounts(), available: 3 }))).toMatchObject({ weight: 5, available_count: 3 });
    expect(read(texts.of(one, { ...noCounts(), pending: 3 }))).toMatchObject({ available_count: 0, pending_count: 3 });
  }
  expect(read(texts.of({ ...one, paused: true }, noCounts()))).toMatchObject({ weight: 5, paused: true });
});

it('are remembered of so many that others may come, each the first time and again', () => {
  const texts = new MetaTexts();
  const one = metaOf({});
  const metas = Array.from({ length: 10_500 }, (_, weight) => ({ ...one, weight }));
  expect(metas.filter((meta) => !texts.of(meta, noCounts()).includes(`"weight":${meta.weight},`))).toEqual([]);
  for (const meta of [metas[0], metas[10_499]]) expect(read(texts.of(meta, noCounts())).weight).toBe(meta.weight);
});
