import { describe, expect, it } from 'vitest';
import type { ReportedStatus, ReportEffect } from '../../src/domain/report.js';
import { effectOf } from '../../src/domain/report.js';
import type { WorkUnitStatus } from '../../src/domain/work-unit.js';

/** Per status of the unit: what no status, available, pending, finished and failed do. */
const REPORTED: readonly (ReportedStatus | undefined)[] = [undefined, 'available', 'pending', 'finished', 'failed'];
const WITHOUT_DATA: Record<WorkUnitStatus, readonly ReportEffect[]> = {
  available: ['nothing', 'keep', 'bring home', 'bring home', 'bring home'],
  delayed: ['nothing', 'keep', 'bring home', 'bring home', 'bring home'],
  pending: ['renew', 'expire', 'renew', 'finish', 'fail'],
  finished: ['keep', 'clear', 'refuse', 'keep', 'keep'],
  failed: ['keep', 'clear', 'refuse', 'finish', 'keep'],
};
const WITH_DATA: Record<WorkUnitStatus, readonly ReportEffect[]> = {
  ...WITHOUT_DATA,
  available: ['replace data', 'replace data', 'bring home', 'bring home', 'bring home'],
  delayed: ['replace data', 'replace data', 'bring home', 'bring home', 'bring home'],
};

describe('the effect of a report on a unit', () => {
  it('that is given back with a delay: a retry, if it was held', () => {
    expect(effectOf('pending', 'available', false, true)).toBe('retry');
    expect(effectOf('failed', 'available', false, true)).toBe('clear');
    expect(effectOf('pending', 'finished', false, true)).toBe('finish');
  });

  for (const [table, hasData] of [
    [WITHOUT_DATA, false],
    [WITH_DATA, true],
  ] as const) {
    const cells = Object.entries(table).flatMap(([unit, effects]) =>
      REPORTED.map((reported, index) => [unit as WorkUnitStatus, reported, effects[index]] as const),
    );
    it.each(cells)(`that is %s, reported %s ${hasData ? 'with' : 'without'} data: %s`, (unit, reported, effect) => {
      expect(effectOf(unit, reported, hasData)).toBe(effect);
    });
  }
});
