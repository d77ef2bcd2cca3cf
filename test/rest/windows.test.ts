import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttemptsService } from '../../src/attempts/attempts.service.js';
import { MINUTE, ZERO_TIME } from '../../src/domain/time.js';
import { EMPTY_DATA } from '../../src/domain/data.js';
import { WorkUnitsService } from '../../src/work-units/work-units.service.js';
import { RestApp } from './app.js';
import { FULL_SIZE } from '../support/full-size.js';

const FEW = 1_000;
const MANY = 300_000;
const BATCH = 10_000;
const WINDOWS = 40;
const ROWS = 10;
/** What looking through MANY units takes at the very least, and what an index never does. */
const SLOW_MS = 8;

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
  for (const [spec, count] of [
    ['few', FEW],
    ['many', MANY],
  ] as const) {
    await rest.post('/namespace/n/work_spec', { data: { name: spec } });
    await fill(spec, count);
  }
});
afterAll(() => rest.stop());

const nameOf = (number: number): string => `u${String(number).padStart(7, '0')}`;

/** Adds so many units, of which the last ROWS have failed: whoever looks through all of them comes to those last. */
async function fill(workSpec: string, count: number): Promise<void> {
  const units = rest.app.get(WorkUnitsService);
  for (let first = 0; first < count; first += BATCH) {
    const names = Array.from({ length: Math.min(BATCH, count - first) }, (_, index) => nameOf(first + index));
    const batch = names.map((name) => ({ name, data: EMPTY_DATA, priority: 0, notBefore: ZERO_TIME }));
    await units.add('n', workSpec, batch);
  }
  const attempts = rest.app.get(AttemptsService);
  for (let number = count - ROWS; number < count; number++) {
    const ref = await attempts.make('n', {
      worker: 'w',
      workSpec,
      workUnit: nameOf(number),
      lifetime: 15 * MINUTE,
    });
    await attempts.stored.change('n', { ref, action: 'fail' });
  }
}

/** The median processor time that a window takes, in milliseconds, which other processes hardly disturb. */
async function timeOf(query: (number: number) => string): Promise<number> {
  const times: number[] = [];
  for (let number = 0; number < WINDOWS; number++) {
    const began = process.cpuUsage();
    const { json } = await rest.get(query(number));
    const { user, system } = process.cpuUsage(began);
    times.push((user + system) / 1000);
    expect((json as { work_units: unknown[] }).work_units).toHaveLength(ROWS);
  }
  return times.sort((a, b) => a - b)[WINDOWS / 2];
}

// That a storage finds its windows without looking through all is seen each time in test/storage/memory/scale.test.ts.
describe.runIf(FULL_SIZE)('a window of a listing', () => {
  it.each([
    ['from the beginning', () => ''],
    ['anywhere', (number: number, count: number) => `&previous=${nameOf(Math.floor((number * count) / WINDOWS / 2))}`],
    ['of one status', () => '&status=failed'],
    ['of one status, after a name', (_: number, count: number) => `&status=failed&previous=${nameOf(count / 2)}`],
    ['of two statuses', () => '&status=failed&status=finished'],
  ])('%s takes as long among many units as among few', async (_, condition) => {
    const window = (spec: string, count: number) => (number: number) =>
      `/namespace/n/work_spec/${spec}/work_unit?limit=${ROWS}${condition(number, count)}`;
    await timeOf(window('few', FEW)); // lets the compiler do its work first
    const few = await timeOf(window('few', FEW));
    const many = await timeOf(window('many', MANY));
    expect(many).toBeLessThan(Math.max(3 * few, SLOW_MS));
  });
});
