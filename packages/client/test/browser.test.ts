import { createContext, runInContext } from 'node:vm';
import { beforeAll, expect, it } from 'vitest';
import type * as Client from '../src/browser.js';
import { browserBundle } from '../../../test/support/browser-bundle.js';
import { type RunningDaemon, startDaemon } from '../../../test/support/daemon.js';

/** What a browser has of what the client uses: neither Buffer nor process nor require. */
const IN_BROWSERS = [
  ...['AbortController', 'AbortSignal', 'DOMException', 'TextDecoder', 'TextEncoder', 'URL', 'atob', 'btoa'],
  ...['clearTimeout', 'fetch', 'setTimeout', 'console'],
];

let daemon: RunningDaemon;
let client: typeof Client;

beforeAll(async () => {
  const page = createContext(
    Object.fromEntries(IN_BROWSERS.map((name) => [name, (globalThis as unknown as Record<string, unknown>)[name]])),
  );
  // As the pages of the daemon forbid it, by their Content-Security-Policy.
  runInContext('globalThis.Function = function () { throw new EvalError("no unsafe-eval"); };', page);
  runInContext(`${await browserBundle()}\nglobalThis.coordinateClient = coordinateClient;`, page);
  client = (page as { readonly coordinateClient: typeof Client }).coordinateClient;
  daemon = await startDaemon(['-cborrpc', 'off']);
  return () => daemon.stop();
});

it('takes a unit through its life with nothing that browsers do not have', async () => {
  const coordinate = client.connect(`http://127.0.0.1:${daemon.httpPort}`, { namespace: 'n' });
  await coordinate.spec('s').set();
  const data = { big: 2n ** 60n, id: client.Uuid.parse('01234567-89ab-cdef-0123-456789abcdef'), text: 'é' };
  await coordinate.spec('s').add(['a/b', { name: 'c', data, priority: 1 }]);
  const [attempt] = await coordinate.worker('w').claim();
  expect(attempt.data.big).toBe(data.big);
  expect(String(attempt.data.id)).toBe('01234567-89ab-cdef-0123-456789abcdef');
  await attempt.finish();
  expect(await coordinate.spec('s').unit('a/b').get()).toMatchObject({ name: 'a/b', status: 'available' });
  await expect(coordinate.spec('t').counts()).rejects.toMatchObject({ name: 'NoSuchWorkSpecError', value: 't' });
  const raw = client.connect(`http://127.0.0.1:${daemon.httpPort}`, { namespace: 'n', data: 'raw' });
  const unit = await raw.spec('s').unit('c').get<Client.RawCbor>();
  expect((client.decode(unit.data.bytes) as typeof data).text).toBe('é');
});
