import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SECOND } from '../../../src/domain/time.js';
import { MetricsApp, START } from './metrics-app.js';

const SPEC = 'namespace="n",work_spec="s"';

describe.each(['memory', 'postgres'] as const)('metrics of the work in %s', (backend) => {
  let app: MetricsApp;
  beforeEach(async () => {
    app = await MetricsApp.start(backend);
    await app.spec('s');
  });
  afterEach(() => app.stop());

  it('count the units as the summary does', async () => {
    await app.spec('quoted "\\', 'ß');
    await app.add('quoted "\\', ['x'], 'ß');
    await app.add('s', ['a', 'b', 'c', 'd', 'e', 'f']);
    const attempts = await app.claim(4, 's');
    await app.act(attempts[0], 'finish');
    await app.act(attempts[1], 'fail');
    const summary = await app.summary();
    expect(summary).toHaveLength(5);
    const gauges = (await app.scrape('coordinate_work_units{')).map((sample) => {
      const [, namespace, spec, status, count] = /^namespace="(.*)",work_spec="(.*)",status="(.*)"} (\d+)$/.exec(
        sample,
      )!;
      return `${namespace} ${spec.replaceAll(/\\(.)/g, '$1')} ${status} ${count}`;
    });
    expect(gauges).toEqual(summary.sort());
    const rest = JSON.parse(await app.get200('/summary')) as Record<string, unknown>[];
    expect(rest.map((record) => Object.values(record).join(' ')).sort()).toEqual(summary);
  });

  it('say for how long the oldest available unit has been so', async () => {
    await app.spec('idle');
    await app.add('s', ['a']);
    await app.advance(30);
    await app.add('s', ['b']);
    await app.advance(12);
    expect(await app.scrape('coordinate_oldest_available_seconds{')).toEqual([
      'namespace="n",work_spec="idle"} 0',
      `${SPEC}} 42`,
    ]);
  });

  it('say until when the rate limit of a spec keeps all of it back', async () => {
    await app.spec('s', 'n', { flow: { rate_limit: { units: 1, per: 10 } } });
    await app.add('s', ['a', 'b']);
    await app.claim(1, 's');
    await app.spec('idle', 'n', { flow: { rate_limit: { units: 1, per: 10 } } });
    expect(await app.scrape('coordinate_limited_until_timestamp_seconds{')).toEqual([
      `${SPEC}} ${START / SECOND + 10}`,
    ]);
  });

  it('count claims, when the last was, and how long units had waited', async () => {
    await app.add('s', ['a', 'b']);
    await app.advance(20);
    await app.claim(1, 's');
    await app.advance(50);
    await app.claim(1, 's');
    await app.claim(1, 's');
    expect(await app.scrape(`coordinate_claims_total{${SPEC}}`)).toEqual([' 2']);
    expect(await app.scrape(`coordinate_last_claim_timestamp_seconds{${SPEC}}`)).toEqual([` ${START / SECOND + 70}`]);
    expect(await app.scrape(`coordinate_wait_seconds_sum{${SPEC}}`)).toEqual([' 90']);
    const buckets = await app.scrape(`coordinate_wait_seconds_bucket{${SPEC},le=`);
    expect(buckets).toEqual(expect.arrayContaining(['"10"} 0', '"30"} 1', '"60"} 1', '"300"} 2', '"+Inf"} 2']));
  });

  it('count attempts by how they ended, and how long that took', async () => {
    await app.add('s', ['a', 'b', 'c', 'd', 'e']);
    const [finished, failed, retried, released] = await app.claim(5, 's', 60);
    await app.advance(20);
    await app.act(finished, 'finish');
    await app.act(failed, 'fail');
    await app.act(retried, 'retry');
    await app.act(released, 'expire');
    await app.advance(100);
    const total = 'coordinate_attempts_total{namespace="n",work_spec="s",outcome=';
    expect(await app.scrape(total)).toEqual([
      '"expired"} 1',
      '"failed"} 1',
      '"finished"} 1',
      '"released"} 1',
      '"retried"} 1',
    ]);
    expect(await app.scrape(`coordinate_attempt_seconds_sum{${SPEC},outcome=`)).toEqual([
      '"expired"} 60',
      '"failed"} 20',
      '"finished"} 20',
      '"released"} 20',
      '"retried"} 20',
    ]);
    expect(await app.scrape(`coordinate_attempt_seconds_bucket{${SPEC},outcome="finished",le="10"}`)).toEqual([' 0']);
    expect(await app.scrape(`coordinate_attempt_seconds_bucket{${SPEC},outcome="finished",le="30"}`)).toEqual([' 1']);
  });

  it('show counters from zero on', async () => {
    expect(await app.scrape(`coordinate_claims_total{${SPEC}}`)).toEqual([' 0']);
    expect(await app.scrape(`coordinate_attempts_total{${SPEC},outcome="failed"}`)).toEqual([' 0']);
    expect(await app.scrape('coordinate_last_claim_timestamp_seconds{')).toEqual([]);
  });

  it('time the operations of the storage', async () => {
    await app.add('s', ['a']);
    await app.claim(1, 's');
    await app.claim(1, 's');
    await expect(app.add('none', ['a'])).rejects.toThrow('none');
    expect(await app.scrape('coordinate_storage_seconds_count{operation="attempt.claim"}')).toEqual([' 2']);
    expect(await app.scrape('coordinate_storage_seconds_count{operation="workUnit.add"}')).toEqual([' 2']);
    expect(await app.scrape('coordinate_storage_failures_total{operation="workUnit.add"}')).toEqual([' 0']);
    expect(await app.scrape('coordinate_storage_up')).toEqual([' 1']);
  });

  it('say by how much the clock of the storage is ahead', async () => {
    const [offset] = (await app.scrape('coordinate_storage_clock_offset_seconds')).map(Number);
    // The database's is set to the past here; what is in memory goes by the machine's, which is set as well.
    const ahead = backend === 'memory' ? 0 : START / SECOND - Date.now() / 1_000;
    expect(Math.abs(offset - ahead)).toBeLessThan(600);
    if (backend === 'postgres') expect(offset).toBeLessThan(-86_400);
  });

  it('forget a spec that went away', async () => {
    await app.add('s', ['a']);
    await app.claim(1, 's');
    await app.deleteSpec('s');
    const text = await app.get200('/metrics');
    expect(text).not.toContain('work_spec="s"');
    expect(text).toContain('\ncoordinate_summary_seconds_count 1\n');
  });
});

describe('metrics of a storage that is away', () => {
  it('are answered and say so; what the storage counts is missing, what the daemon counted is not', async () => {
    const app = await MetricsApp.start('postgres');
    await app.spec('s');
    await app.add('s', ['a']);
    await app.claim(1, 's');
    expect(await app.scrape('coordinate_storage_up')).toEqual([' 1']);
    expect(await app.scrape('coordinate_work_units{')).toHaveLength(1);
    await app.loseDatabase();
    expect(await app.scrape('coordinate_storage_up')).toEqual([' 0']);
    expect(await app.scrape('coordinate_work_units{')).toEqual([]);
    expect(await app.scrape('coordinate_storage_clock_offset_seconds')).toEqual([]);
    expect(await app.scrape('coordinate_oldest_available_seconds{')).toEqual([]);
    expect(await app.scrape(`coordinate_claims_total{${SPEC}}`)).toEqual([' 1']);
    await expect(app.claim(1, 's')).rejects.toThrow('storage unavailable');
    expect(await app.scrape('coordinate_storage_failures_total{operation="attempt.claim"}')).toEqual([' 1']);
    const readiness = await app.get503('/readyz');
    expect(JSON.parse(readiness)).toEqual({ status: 'unavailable', reason: expect.stringMatching(/./) as string });
    await app.stop();
  });
});

describe('metrics of the work in memory', () => {
  it('are those of the moment, and of the spec there is now', async () => {
    const app = await MetricsApp.start('memory');
    await app.spec('s');
    await app.add('s', ['a']);
    await app.claim(1, 's');
    expect(await app.scrape(`coordinate_claims_total{${SPEC}}`)).toEqual([' 1']);
    await app.deleteSpec('s');
    expect(await app.scrape('coordinate_claims_total{')).toEqual([]);
    await app.spec('s');
    expect(await app.scrape(`coordinate_claims_total{${SPEC}}`)).toEqual([' 0']);
    await app.add('s', ['a']);
    await app.claim(1, 's');
    expect(await app.scrape(`coordinate_claims_total{${SPEC}}`)).toEqual([' 1']);
    await app.stop();
  });
});
