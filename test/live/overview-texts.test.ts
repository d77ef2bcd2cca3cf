import { describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import type { SpecOverview } from '../../src/domain/overview.js';
import { isSameOverview, NO_RECENT_WORK, RATE_MINUTES } from '../../src/domain/overview.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import { noCounts } from '../../src/domain/work-unit.js';
import { OverviewTexts } from '../../src/live/overview/rest/dto/overview-texts.js';
import { specOverviewJson } from '../../src/live/overview/rest/dto/overview.dto.js';

const metaOf = (fields: object) => defineWorkSpec(encode({ name: 's', ...fields })).meta;
const read = (json: string) => JSON.parse(json) as Record<string, unknown>;
const NOW = 1_767_323_045_678_901;
const recentOf = (finished: number) => RATE_MINUTES.map(() => [0, 0, finished, 0, 0, 0, 0]);
const SPEC: SpecOverview = {
  workSpec: 's',
  counts: { ...noCounts(), available: 2 },
  meta: metaOf({ weight: 5 }),
  availableSince: NOW,
  lastClaim: NOW,
  workers: 1,
  recent: recentOf(300),
  limitedUntil: undefined,
  waitingFor: ['t'],
};
/** All that can differ, each by itself. */
const OTHERS: Partial<SpecOverview>[] = [
  { workSpec: 'other' },
  { counts: { ...SPEC.counts, failed: 1 } },
  { meta: metaOf({ weight: 6 }) },
  { availableSince: undefined },
  { lastClaim: NOW + 1 },
  { workers: 2 },
  { recent: recentOf(301) },
  { recent: NO_RECENT_WORK },
  { limitedUntil: NOW + 1 },
  { waitingFor: [] },
  { waitingFor: ['u'] },
];

describe('control values in overviews', () => {
  it('are those of now, with the counts of now, however often they were asked for', () => {
    const texts = new OverviewTexts(() => '');
    const [one, other] = [metaOf({ weight: 5, runtime: 'é' }), metaOf({ weight: 6 })];
    for (let time = 0; time < 2; time++) {
      expect(read(texts.ofMeta(one, noCounts()))).toMatchObject({ weight: 5, runtime: 'é', available_count: 0 });
      expect(read(texts.ofMeta(other, noCounts()))).toMatchObject({ weight: 6, available_count: 0 });
      expect(read(texts.ofMeta(one, { ...noCounts(), available: 3 }))).toMatchObject({ available_count: 3 });
      expect(read(texts.ofMeta(one, { ...noCounts(), pending: 3 }))).toMatchObject({ pending_count: 3 });
    }
    expect(read(texts.ofMeta({ ...one, paused: true }, noCounts()))).toMatchObject({ weight: 5, paused: true });
  });

  it('are remembered of so many that others may come, each the first time and again', () => {
    const texts = new OverviewTexts(() => '');
    const one = metaOf({});
    const metas = Array.from({ length: 10_500 }, (_, weight) => ({ ...one, weight }));
    expect(metas.filter((meta) => !texts.ofMeta(meta, noCounts()).includes(`"weight":${meta.weight},`))).toEqual([]);
    for (const meta of [metas[0], metas[10_499]]) {
      expect(read(texts.ofMeta(meta, noCounts())).weight).toBe(meta.weight);
    }
  });
});

describe('the text of a work spec in overviews', () => {
  it('is made once for as long as it stands the same, seen by whichever look', () => {
    let made = 0;
    const texts = new OverviewTexts(({ url, spec }) => `${url} ${spec.workSpec} ${++made}`);
    expect(texts.of({ url: '/a', spec: SPEC })).toBe('/a s 1');
    const again: SpecOverview = {
      ...SPEC,
      counts: { ...SPEC.counts },
      recent: SPEC.recent.map((each) => [...each]),
      waitingFor: [...SPEC.waitingFor],
    };
    expect(isSameOverview(SPEC, again)).toBe(true);
    expect(texts.of({ url: '/a', spec: again })).toBe('/a s 1');
    // Behind another proxy links are others.
    expect(texts.of({ url: '/b/a', spec: SPEC })).toBe('/b/a s 2');
  });

  it.each(OTHERS)('is another one with %o', (other) => {
    const spec = { ...SPEC, ...other };
    expect([isSameOverview(SPEC, spec), isSameOverview(spec, SPEC)]).toEqual([false, false]);
    const before = specOverviewJson({ url: '/s', spec: SPEC, now: undefined });
    expect(specOverviewJson({ url: '/s', spec, now: undefined })).not.toBe(before);
    expect(specOverviewJson({ url: '/s', spec: SPEC, now: undefined })).toBe(before);
  });

  it('goes on with time where all will be done at some time', () => {
    const drained = (now: number) => read(specOverviewJson({ url: '/s', spec: SPEC, now })).drained_at;
    expect(drained(NOW)).toBe('2026-01-02T03:04:07.678901Z');
    expect(drained(NOW + 1_000_000)).toBe('2026-01-02T03:04:08.678901Z');
    const { drained_at: none, ...rest } = read(specOverviewJson({ url: '/s', spec: SPEC, now: undefined }));
    expect([none, rest.name]).toEqual([undefined, 's']);
  });
});
