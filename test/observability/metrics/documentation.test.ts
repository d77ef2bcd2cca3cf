import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MetricsApp } from './metrics-app.js';

const PAGE = join(import.meta.dirname, '../../../docs/monitoring.md');

test('docs/monitoring.md names every metric with its type and labels', async () => {
  const app = await MetricsApp.start('memory');
  await app.spec('s');
  await app.add('s', ['a']);
  const [attempt] = await app.claim(1, 's');
  await app.act(attempt, 'finish');
  await app.get200('/summary');
  const lines = (await app.get200('/metrics')).split('\n');
  await app.stop();

  const rows = readFileSync(PAGE, 'utf8').matchAll(/^\| `(coordinate_\w+)` +\| (\w+) +\| ([^|]*) \|/gm);
  const documented = [...rows].map(([, name, type, labels]) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
  }));
  const there = new Map(
    lines.flatMap((line) => {
      const [, name, type] = /^# TYPE (coordinate_\w+) (\w+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, type] as const];
    }),
  );
  const types = new Map(documented.map(({ name, type }) => [name, type]));
  expect(there.size).toBeGreaterThan(20);
  expect([...there].filter(([name, type]) => types.get(name) !== type)).toEqual([]);

  for (const { name, labels } of documented) {
    const sample = lines.find((line) => new RegExp(`^${name}(?:_count)?[{ ]`).test(line));
    if (sample === undefined) continue; // none without a client
    expect([...sample.matchAll(/(\w+)="/g)].map(([, label]) => label).sort(), name).toEqual(labels);
  }
});
