import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ByteString, type CborValue, Tuple } from '../../../src/cbor/index.js';
import { RawClient } from '../../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { Scraper } from './scraper.js';

/** How long an expression may have no data yet: leases have to run out, and rates need two scrapes. */
const PATIENCE_MS = 30_000;
const DOCKER = join(import.meta.dirname, '../../../docker');

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** Every expression of the dashboard by its panel, for all that its variables can choose. */
function dashboardExpressions(): [panel: string, expression: string][] {
  const text = readFileSync(join(DOCKER, 'grafana/dashboards/coordinate.json'), 'utf8');
  const { panels } = JSON.parse(text) as { panels: readonly Panel[] };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [title, expr.replaceAll(/\$(?:job|namespace|work_spec)\b/g, '.*')]),
  );
}

/** The expression of every alert without its threshold. */
function alertExpressions(): [alert: string, expression: string][] {
  const { groups } = parse(readFileSync(join(DOCKER, 'prometheus/alerts.yml'), 'utf8')) as {
    groups: readonly { rules: readonly { alert: string; expr: string }[] }[];
  };
  return groups
    .flatMap(({ rules }) => rules)
    .map(({ alert, expr }) => {
      const [, expression] = /^(.*?)\s*(?:<|>|==)\s*[\d.]+\s*$/s.exec(expr)!;
      return [alert, expression];
    });
}

describe('Prometheus, scraping the loaded daemon, has data for', () => {
  let daemon: RunningDaemon;
  let client: RawClient;
  let scraper: Scraper;
  let rounds = 0;

  beforeAll(async () => {
    daemon = await startDaemon();
    client = await RawClient.connect(daemon.rpcPort);
    await client.call('set_work_spec', { name: 'load' });
    scraper = await Scraper.start(daemon.httpPort);
  });
  afterAll(async () => {
    client.destroy();
    await scraper.stop();
    await daemon.stop();
  });

  async function rest(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${daemon.httpPort}${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** One unit ends in each way, one is left to its lease of a second, and some stay available. */
  async function load(): Promise<void> {
    const names = Array.from({ length: 8 }, (_, unit) => `${rounds}-${unit}`);
    rounds++;
    await client.call(
      'add_work_units',
      'load',
      names.map((name) => [name, {}]),
    );
    const claim = async (): Promise<ByteString> => {
      const [unit] = (await client.call('get_work', 'worker', { lease_time: 1 })) as CborValue[];
      const name = unit instanceof Tuple ? unit.items[1] : null;
      if (!(name instanceof ByteString)) throw new Error('there is no work');
      return name;
    };
    await client.call('update_work_unit', 'load', await claim(), { status: 4 });
    await client.call('update_work_unit', 'load', await claim(), { status: 5 });
    await client.call('update_work_unit', 'load', await claim(), { status: 1 });
    await claim();
    const request = { number_of_work_units: 1, lifetime: 60_000_000_000 };
    const claimed = (await rest('POST', '/namespace/-/worker/rest/request_attempts', request)) as {
      attempts: { url: string }[];
    };
    await rest('POST', `${claimed.attempts[0].url}/retry`, {});
    await client.call('get_work_spec').catch(() => undefined);
  }

  it.each([...dashboardExpressions(), ...alertExpressions()])('%s: %s', async (_, expression) => {
    const deadline = Date.now() + PATIENCE_MS;
    let values: number[] = [];
    while (values.length === 0 && Date.now() < deadline) {
      await load();
      await new Promise((resolve) => setTimeout(resolve, 300));
      values = await scraper.query(expression);
    }
    expect(values).not.toEqual([]);
  });
});
