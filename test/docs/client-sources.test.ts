import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { errorClasses } from '../../src/rest/openapi/error-classes.js';
import { clientTypes } from '../../tools/client-types.mjs';
import { RestApp } from '../rest/app.js';
import { ROOT } from './pages.js';

async function expectWritten(name: string, source: string): Promise<void> {
  const path = join(ROOT, 'packages/client/src/generated', name);
  const expected = await format(source, { ...(await resolveConfig(path)), parser: 'typescript' });
  expect(readFileSync(path, 'utf8')).toBe(expected);
}

it('the client has the errors of the table, as npm run client-sources writes them', () => {
  return expectWritten('errors.ts', errorClasses());
});

it('the client has the bodies of the OpenAPI document, as npm run client-sources writes them', async () => {
  const rest = await RestApp.start();
  const { json } = await rest.get('/openapi.json');
  await rest.stop();
  await expectWritten('bodies.ts', await clientTypes(json as object));
});
