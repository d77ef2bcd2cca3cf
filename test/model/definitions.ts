import fc from 'fast-check';
import type { MetaChange } from './reference/specs.js';
import type { FlowFields, RetryFields, ScheduleFields, SpecFields } from './reference/state.js';

export const SPECS = ['s', 't', 'u'] as const;

const pick = fc.constantFrom;

const fields: fc.Arbitrary<SpecFields> = fc.record(
  {
    priority: pick(-1, 1),
    weight: pick(1, 3),
    disabled: fc.boolean(),
    continuous: pick(true, true, false),
    interval: pick(0, 1, 2.5),
    min_gb: pick(1, 2),
    max_running: fc.integer({ min: 1, max: 3 }),
    max_getwork: fc.integer({ min: 1, max: 2 }),
    max_retries: fc.integer({ min: 1, max: 3 }),
    then: pick('', 's', 't', 'u', 'none'),
    runtime: pick('', 'go'),
  },
  { requiredKeys: [] },
);
const retry: fc.Arbitrary<RetryFields> = fc.record(
  {
    attempts: fc.integer({ min: 1, max: 4 }),
    backoff: pick('fixed', 'linear', 'exponential'),
    delay: pick(0, 1, 5),
    max_delay: pick(7),
    except: fc.constant(['Never']),
    expired: fc.boolean(),
  },
  { requiredKeys: ['attempts'] },
);
/** That others may be waited for, which may be there or not, or wait for it. */
const after = pick<string[]>(['s'], ['t'], ['t'], ['u'], ['s', 'u'], ['none', 't']);
/** A token each two seconds, or each half a second. */
const rate_limit = pick(
  { units: 1, per: 2, burst: 1 },
  { units: 3, per: 6, burst: 2 },
  { units: 2, per: 1, burst: 3 },
  { units: 0.5, per: 1, burst: 1 },
);
/** Of Europe around the nights in which clocks are changed as well; every few seconds, so that many come at once. */
const schedule: fc.Arbitrary<ScheduleFields> = fc
  .tuple(
    pick<Pick<ScheduleFields, 'cron' | 'timezone'>>(
      { cron: '*/5 * * * * *', timezone: 'UTC' },
      { cron: '*/5 * * * * *', timezone: 'UTC' },
      { cron: '*/2 * * * *', timezone: 'UTC' },
      { cron: '*/2 * * * *', timezone: 'Europe/Berlin' },
      { cron: '*/30 * * * *', timezone: 'Europe/Berlin' },
      { cron: '30 2 * * *', timezone: 'Europe/Berlin' },
    ),
    fc.record(
      {
        overlap: pick('skip', 'buffer', 'allow'),
        catch_up: pick(0, 70, 100, 7200),
        catch_up_all: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([calendar, rest]) => ({
    ...calendar,
    ...rest,
    // Else there would be very many units of one look.
    ...(rest.catch_up === 7200 && calendar.cron === '*/5 * * * * *' && { catch_up: 90 }),
  }));
/** One part alone, or several together. */
const flow: fc.Arbitrary<FlowFields> = fc.oneof(
  fc.record({ retry }),
  fc.record({ after }),
  fc.record({ rate_limit }),
  fc.record({ schedule }),
  fc.record({ retry, after, rate_limit, schedule }, { requiredKeys: [] }),
);
/** Mostly specs that chain and give work; what takes work away is rarer. */
export const definition = fc.oneof(
  { weight: 4, arbitrary: fc.record({ then: pick('s', 't', 'u') }) },
  { weight: 2, arbitrary: fc.record({ max_retries: pick(1, 2) }) },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        flow,
        max_retries: pick(3),
        max_running: pick(1, 2),
        then: pick('s', 't'),
        continuous: pick(true, false, false),
      },
      { requiredKeys: ['flow'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ continuous: fc.constant(true), interval: pick(0, 1, 2.5), then: pick('s', 'u') }),
  },
  { weight: 2, arbitrary: fields },
);
export const metaChange: fc.Arbitrary<MetaChange> = fc.record(
  {
    priority: pick(-1, 0, 1),
    weight: pick(-1, 0, 1, 5, 20),
    paused: pick(false, false, true),
    continuous: fc.boolean(),
    minMemoryGb: pick(0, 1.5),
    intervalNs: pick(0n, 3_000_000_000n),
    maxRunning: fc.nat(3),
    maxAttemptsReturned: fc.nat(2),
    maxRetries: fc.nat(3),
  },
  { requiredKeys: [] },
);
