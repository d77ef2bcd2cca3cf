import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { FLAG_NAMES } from '../../src/config/flags.js';
import { helpText } from '../../src/config/help.js';
import { configurationReference } from '../../src/config/reference.js';

test('docs/running.md shows the help text as it is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/running.md'), 'utf8');
  expect(page).toContain(`\n\`\`\`\n${helpText()}\`\`\`\n`);
});

test('docs/configuration.md is what npm run config-docs writes', async () => {
  const path = join(import.meta.dirname, '../../docs/configuration.md');
  const expected = await format(configurationReference(), { ...(await resolveConfig(path)), parser: 'markdown' });
  expect(readFileSync(path, 'utf8')).toBe(expected);
  for (const name of FLAG_NAMES) expect(expected).toContain(`| \`-${name}`);
});
