import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { commandReference } from '../src/table/reference.js';

it('docs/command-line.md is what npm run command-docs writes', async () => {
  const path = join(import.meta.dirname, '../../../docs/command-line.md');
  const expected = await format(commandReference(), { ...(await resolveConfig(path)), parser: 'markdown' });
  expect(readFileSync(path, 'utf8')).toBe(expected);
});
