import { CborRpcClient } from 'coordinate-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetricsLog } from '../../../src/observability/metrics/metrics-log.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { MetricsApp } from './metrics-app.js';

const NO_UNITS = { available: 0, delayed: 0, pending: 0, finished: 0, failed: 0 };
const NO_WORK = { claimed: 0, finished: 0, failed: 0, retried: 0, expired: 0, released: 0 };

describe('the line that sums up', () => {
  let app: MetricsApp;
  beforeEach(async () => {
    app = await MetricsApp.start('memory');
  });
  afterEach(() => app.stop());

  it('says what was done since the last, and how things stand', async () => {
    const log = app.get(MetricsLog);
    expect(await log.line()).toMatchObject({ message: 'metrics', work: NO_WORK, units: NO_UNITS, storage: 'up' });
    await app.spec('s');
    await app.add('s', ['a', 'b', 'c', 'd']);
    const [finished, failed] = await app.claim(3, 's', 60);
    await app.act(finished, 'finish');
    await app.act(failed, 'fail');
    await app.advance(100);
    await app.get200('/summary');
    expect(await log.line()).toMatchObject({
      http: { requests: 1 },
      work: { ...NO_WORK, claimed: 3, finished: 1, failed: 1, expired: 1 },
      units: { ...NO_UNITS, available: 2, finished: 1, failed: 1 },
    });
    await app.deleteSpec('s');
    expect(await log.line()).toMatchObject({ http: { requests: 0 }, work: NO_WORK, units: NO_UNITS });
  });
});

describe('-log-metrics', () => {
  let daemon: RunningDaemon | undefined;
  afterEach(async () => {
    await daemon?.kill();
  });

  it.each([['json'], ['pretty']])('writes that line once per period, in the form %s', async (format) => {
    daemon = await startDaemon(['-log-metrics', '-metric-period', '100ms', '-log-format', format]);
    const client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}` });
    await client.call('set_work_spec', { name: 's' });
    await client.call('add_work_units', 's', ['a']);
    await client.call('get_work', 'w', {});
    const lines = (): string[] =>
      daemon!
        .output()
        .split('\n')
        .filter((line) => line.includes('metrics') && line.includes('rpc'));
    // The line being written now may have been summed up before the last call.
    const before = lines().length;
    while (lines().length < before + 2) await new Promise((resolve) => setTimeout(resolve, 20));
    client.close();
    await daemon.stop();
    if (format === 'json') {
      const written = lines().map((line) => JSON.parse(line) as Record<string, Record<string, number>>);
      expect(written.reduce((sum, { rpc }) => sum + rpc.requests, 0)).toBe(3);
      expect(written.reduce((sum, { work }) => sum + work.claimed, 0)).toBe(1);
      expect(written.at(-1)).toMatchObject({
        level: 'info',
        context: 'Metrics',
        msg: 'metrics',
        units: { pending: 1 },
        storage: 'up',
      });
      expect(written[1].seconds).toBeLessThan(240);
    } else {
      expect(lines()[0]).toMatch(/^\S+Z INFO {2}\[Metrics\] metrics seconds=\d+(?:\.\d+)? rpc=\{"requests":\d/);
    }
  });

  it('is off by default', async () => {
    daemon = await startDaemon(['-metric-period', '1ms']);
    const client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}` });
    for (let call = 0; call < 20; call++) await client.call('now');
    client.close();
    await daemon.stop();
    expect(daemon.output()).not.toContain('metrics');
  });
});
