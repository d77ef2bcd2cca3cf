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
const ROOT = join(import.meta.dirname, '../../..');
const DOCKER = join(ROOT, 'docker');

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition: string;
}

const { panels, templating } = JSON.parse(readFileSync(join(DOCKER, 'grafana/dashboards/coordinate.json'), 'utf8')) as {
  panels: readonly Panel[];
  templating: { list: readonly Variable[] };
};

const withVariables = (expression: string): string => expression.replaceAll(/\$(?:job|namespace|work_spec)\b/g, '.*');

/** Every expression of the dashboard by its panel, for all that its variables can choose. */
function dashboardExpressions(): [panel: string, expression: string][] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [title, withVariables(expr)]),
  );
}

/** What the dashboard's variables offer to choose from, as an expression each. */
function variableExpressions(): [variable: string, expression: string][] {
  return templating.list
    .filter(({ type }) => type === 'query')
    .map(({ name, definition }) => {
      const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(definition)!;
      return [`$${name}`, `count by (${label}) (${withVariables(series)})`];
    });
}

/** The expressions that the page on monitoring gives as examples, each under what it answers. */
function documentedExpressions(): [question: string, expression: string][] {
  const page = readFileSync(join(ROOT, 'docs/monitoring.md'), 'utf8');
  const [, block] = /^## Queries\n\n```\n(.*?)^```$/ms.exec(page)!;
  return block.split(/^# /m).flatMap((part) => {
    const [question, ...lines] = part.trimEnd().split('\n');
    const expressions = lines.join('\n').split(/\n(?!\s)/);
    return expressions.filter(Boolean).map((expression): [string, string] => [question, expression]);
  });
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

  it.each([...dashboardExpressions(), ...variableExpressions(), ...documentedExpressions(), ...alertExpressions()])(
    '%s: %s',
    async (_, expression) => {
      const deadline = Date.now() + PATIENCE_MS;
      let values: number[] = [];
      while (values.length === 0 && Date.now() < deadline) {
        await load();
        await new Promise((resolve) => setTimeout(resolve, 300));
        values = await scraper.query(expression);
      }
      expect(values).not.toEqual([]);
    },
  );
});
