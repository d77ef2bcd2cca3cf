import { describe, expect, it } from 'vitest';
import type { Encodable } from '../../src/cbor/index.js';
import { ByteString, CborMap, encode, Float, Tuple } from '../../src/cbor/index.js';
import { decodeFlow, encodeFlow, type Flow, flowNotation, MOST_FLOW_BYTES } from '../../src/domain/flow/flow.js';
import { defineWorkSpec, storedWorkSpec } from '../../src/domain/work-spec.js';

const flowOf = (flow: Encodable, more: Record<string, Encodable> = {}): Flow | undefined =>
  defineWorkSpec(encode({ name: 's', ...more, flow })).meta.flow;
const refused = (flow: Encodable, more?: Record<string, Encodable>): string => {
  try {
    flowOf(flow, more);
  } catch (error) {
    return (error as Error).message;
  }
  return 'it was taken';
};

describe('the flow of a work spec', () => {
  it('is none where nothing is said', () => {
    expect(defineWorkSpec(encode({ name: 's' })).meta.flow).toBeUndefined();
    for (const flow of [null, {}, { retry: null, after: [] }]) expect(flowOf(flow)).toBeUndefined();
  });

  it('is read from each of its parts', () => {
    expect(
      flowOf({
        retry: {
          attempts: 5,
          backoff: 'exponential',
          delay: 10,
          factor: new Float(1.5),
          max_delay: 3600,
          jitter: new Float(0.2),
          except: ['ValueError'],
          expired: true,
        },
        schedule: {
          cron: '0 3 * * 1-5',
          timezone: 'Europe/Berlin',
          overlap: 'buffer',
          catch_up: 3600,
          catch_up_all: 1,
        },
        rate_limit: { units: 100, per: 60, burst: 20 },
        after: new Tuple(['A', 'B', 'A']),
      }),
    ).toEqual({
      retry: {
        attempts: 5,
        backoff: 'exponential',
        delay: 10_000_000,
        factor: 1.5,
        maxDelay: 3_600_000_000,
        jitter: 0.2,
        except: ['ValueError'],
        expired: true,
      },
      schedule: {
        cron: '0 3 * * 1-5',
        timezone: 'Europe/Berlin',
        overlap: 'buffer',
        catchUp: 3_600_000_000,
        catchUpAll: true,
      },
      rateLimit: { units: 100, per: 60_000_000, burst: 20 },
      after: ['A', 'B'],
    });
  });

  it('may be said in short, in byte strings and in numbers that are strings', () => {
    const short = flowOf({ retry: 3, schedule: '0 3 * * *', rate_limit: { units: 1 } })!;
    expect(short.retry).toMatchObject({ attempts: 3, backoff: 'fixed', delay: 0, jitter: 0, expired: false });
    expect(short.schedule).toMatchObject({ cron: '0 3 * * *', timezone: 'UTC', overlap: 'skip', catchUp: 0 });
    expect(short.rateLimit).toEqual({ units: 1, per: 1_000_000, burst: 1 });
    const bytes = new CborMap([
      [
        new ByteString('retry'),
        new CborMap([
          [new ByteString('attempts'), new ByteString('4')],
          [new ByteString('backoff'), new ByteString('linear')],
        ]),
      ],
    ]);
    expect(flowOf(bytes)!.retry).toMatchObject({ attempts: 4, backoff: 'linear' });
  });

  it.each<[Encodable, string, Record<string, Encodable>?]>([
    [7, 'flow must be a dictionary'],
    [{ retyr: 3 }, 'flow.retyr is not known, did you mean retry?'],
    [{ whatever: 3 }, 'flow.whatever is not known: it has retry, schedule, rate_limit, after, collect, join'],
    [{ collect: 'merge' }, 'flow.collect is not there yet in this version'],
    [{ join: ['a'] }, 'flow.join is not there yet in this version'],
    [{ retry: 'often' }, 'flow.retry must be a whole number from 1 to 1000000'],
    [{ retry: 0 }, 'flow.retry must be a whole number from 1 to 1000000'],
    [{ retry: { attempts: new Float(2.5) } }, 'flow.retry.attempts must be a whole number from 1 to 1000000'],
    [{ retry: { backoff: 'quadratic' } }, 'flow.retry.backoff must be one of fixed, linear, exponential'],
    [{ retry: { delay: -1 } }, 'flow.retry.delay must be a number of seconds from 0 to 1000000000'],
    [{ retry: { jitter: 2 } }, 'flow.retry.jitter must be a number from 0 to 1'],
    [{ retry: { except: 'ValueError' } }, 'flow.retry.except must be a list of strings'],
    [{ retry: { expired: 'yes' } }, 'flow.retry.expired must be true or false'],
    [{ retry: { atempts: 3 } }, 'flow.retry.atempts is not known, did you mean attempts?'],
    [{ schedule: {} }, 'flow.schedule.cron must be a string'],
    [{ schedule: '0 3 * * *' }, 'flow.schedule can not be had by a work spec that is continuous', { continuous: true }],
    [{ rate_limit: { per: 1 } }, 'flow.rate_limit.units is missing'],
    [{ rate_limit: { units: 0 } }, 'flow.rate_limit.units must be a number above 0, up to 1000000000'],
    [{ after: 'A' }, 'flow.after must be a list of strings'],
    [{ after: [''] }, 'flow.after must not have an empty name'],
  ])('is refused where it is not understood: %j', (flow, message, more) => {
    expect(refused(flow, more)).toBe(message);
  });

  it('is read from a definition however large, but not more than 64 KiB of it', () => {
    const large = { for_workers: 'x'.repeat(100_000) };
    expect(flowOf({ retry: { attempts: 2, except: ['x'.repeat(5_000)] } }, large)!.retry!.attempts).toBe(2);
    expect(refused({ retry: { except: ['x'.repeat(MOST_FLOW_BYTES)] } }, large)).toBe(
      `flow has more than ${MOST_FLOW_BYTES} bytes`,
    );
    expect(refused({ retyr: 1 }, large)).toMatch(/flow.retyr/);
  });

  it('is none of a definition that was stored before anybody knew of it', () => {
    const stored = (flow: Encodable) => storedWorkSpec(encode({ name: 's', weight: 3, flow })).meta;
    expect(stored('north')).toMatchObject({ weight: 3, flow: undefined });
    expect(stored({ retry: { atempts: 3 } }).flow).toBeUndefined();
  });

  it('comes back from a storage as it was', () => {
    const flow = flowOf({
      retry: { attempts: 2, delay: new Float(0.5), except: ['ü'] },
      schedule: '0 3 * * *',
      rate_limit: { units: 3 },
      after: ['a\u0000'],
    })!;
    expect(decodeFlow(encodeFlow(flow))).toEqual(flow);
    expect(decodeFlow(encode({ collect: {} }))).toBeUndefined();
    expect(flowNotation(flow)).toMatchObject({ retry: { delay: 0.5 }, after: ['a\u0000'] });
  });
});
