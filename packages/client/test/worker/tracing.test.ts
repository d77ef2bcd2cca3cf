import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UnitOfWork } from 'coordinate-client';
import { shared } from '../../../../test/support/shared.js';
import { World } from './built.js';

interface Api {
  readonly trace: { setGlobalTracerProvider(provider: object): void; disable(): void };
  readonly context: { setGlobalContextManager(manager: object): void; disable(): void };
  readonly propagation: { setGlobalPropagator(propagator: object): void; disable(): void };
}

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let world: World;
let api: Api;
beforeAll(async () => {
  world = await World.begin();
  // The one that the client finds.
  api = createRequire(join(await shared('/client'), 'index.js'))('@opentelemetry/api') as Api;
});
afterAll(async () => {
  for (const part of [api.trace, api.context, api.propagation]) part.disable();
  await world.end();
});

it('a worker has a span for each attempt, in the trace in which its unit was added', async () => {
  const spans: unknown[] = [];
  const contexts = new AsyncLocalStorage<{ values: string[] }>();
  const ROOT = { values: [] as string[], getValue: () => undefined, setValue: () => ROOT };
  api.context.setGlobalContextManager({
    active: () => contexts.getStore() ?? ROOT,
    disable: () => undefined,
    with: (context: { values: string[] }, call: () => unknown) => contexts.run(context, call),
  });
  api.propagation.setGlobalPropagator({
    inject: (_: object, carrier: Record<string, string>) => (carrier.traceparent = PARENT),
    extract: (context: object, { traceparent }: { traceparent: string }) => ({ ...context, values: [traceparent] }),
    fields: () => ['traceparent'],
  });
  api.trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan: (name: string, { attributes }: { attributes: object }, parent: { values: string[] }) => {
        const span = { name, parents: parent.values, attributes, error: '', status: 0, isEnded: false };
        spans.push(span);
        return {
          setAttribute: (_: string, value: string) => (span.error = value),
          recordException: () => undefined,
          setStatus: ({ code }: { code: number }) => (span.status = code),
          end: () => (span.isEnded = true),
        };
      },
    }),
  });
  const own = await world.fresh();
  await own.spec('s').add(world.client.traced(['traced', { name: 'fails', data: { a: 1 } }]));
  await own.spec('s').add(['alone']);
  const seen: unknown[] = [];
  const worker = world.work(own, {
    s: ({ name, data }: UnitOfWork) => {
      seen.push([name, data]);
      if (name === 'fails') throw new TypeError('as it is to');
    },
  });
  await expect
    .poll(async () => (await own.spec('s').counts()).pending + (await own.spec('s').counts()).available)
    .toBe(0);
  await worker.stop();
  expect(seen).toContainEqual(['fails', { a: 1, _traceparent: PARENT }]);
  const span = (unit: string, parents: string[], error = '', status = 0): object => ({
    name: 'process s',
    parents,
    error,
    status,
    isEnded: true,
    attributes: {
      'messaging.system': 'coordinate',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 's',
      'messaging.message.id': unit,
    },
  });
  expect(spans).toHaveLength(3);
  expect(spans).toEqual(
    expect.arrayContaining([span('traced', [PARENT]), span('fails', [PARENT], 'TypeError', 2), span('alone', [])]),
  );
});
