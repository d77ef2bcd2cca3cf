import { CborRpcClient } from 'coordinate-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';

describe('the metrics of a running daemon', () => {
  let daemon: RunningDaemon;
  let client: CborRpcClient;

  beforeAll(async () => {
    daemon = await startDaemon();
    client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}` });
  });
  afterAll(async () => {
    client.close();
    await daemon.stop();
  });

  function get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${daemon.httpPort}${path}`);
  }

  async function metric(name: string): Promise<string[]> {
    const text = await (await get('/metrics')).text();
    return text.split('\n').filter((line) => line.startsWith(name));
  }

  it('count the work units as the summary does, and forget a spec that went away', async () => {
    await client.call('set_work_spec', { name: 'load' });
    await client.call('add_work_units', 'load', ['a', 'b', 'c']);
    await client.call('get_work', 'worker', {});
    const summary = (await (await get('/summary')).json()) as { Status: string; Count: number }[];
    expect(summary).toHaveLength(2);
    expect((await metric('coordinate_work_units{')).sort()).toEqual(
      summary
        .map(({ Status, Count }) => {
          return `coordinate_work_units{namespace="",work_spec="load",status="${Status}"} ${Count}`;
        })
        .sort(),
    );
    await client.call('del_work_spec', 'load');
    expect(await metric('coordinate_work_units{')).toEqual([]);
    expect(await metric('coordinate_summary_seconds_count')).not.toEqual([]);
  });

  it('count RPC requests by method, their errors and connections', async () => {
    await client.call('get_work_spec', 'nothing');
    // @ts-expect-error -- a parameter is missing
    await expect(client.call('get_work_spec')).rejects.toThrow('missing');
    expect(await metric('coordinate_rpc_seconds_count{method="get_work_spec"}')).toEqual([
      'coordinate_rpc_seconds_count{method="get_work_spec"} 2',
    ]);
    expect(await metric('coordinate_rpc_seconds_bucket{method="get_work_spec",le="+Inf"}')).toEqual([
      'coordinate_rpc_seconds_bucket{method="get_work_spec",le="+Inf"} 2',
    ]);
    expect(await metric('coordinate_rpc_errors_total{method="get_work_spec"}')).toEqual([
      'coordinate_rpc_errors_total{method="get_work_spec"} 1',
    ]);
    expect(await metric('coordinate_rpc_open_connections')).toEqual(['coordinate_rpc_open_connections 1']);
  });

  it('count HTTP requests by route, and show the process', async () => {
    await get('/namespace/-/work_spec');
    await get('/namespace/-/work_spec/gone/counts');
    await get('/namespace/-/work_spec/gone/counts');
    const series = await metric('coordinate_http_seconds_count');
    const seen = (route: string, status: number): string => {
      return `coordinate_http_seconds_count{method="GET",route="/namespace/:namespace/${route}",status="${status}"}`;
    };
    expect(series).toContain(`${seen('work_spec', 200)} 1`);
    expect(series).toContain(`${seen('work_spec/:spec/counts', 404)} 2`);
    expect(await metric('process_resident_memory_bytes')).toHaveLength(1);
  });

  it('are in the text format of Prometheus, whatever is accepted', async () => {
    const answer = await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`, { headers: { accept: 'image/png' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it('say that memory is always ready', async () => {
    const answer = await get('/readyz');
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });
});
