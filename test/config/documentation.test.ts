import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { helpText } from '../../src/config/help.js';

test('docs/running.md shows the help text as it is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/running.md'), 'utf8');
  expect(page).toContain(`\n\`\`\`\n${helpText()}\`\`\`\n`);
});
