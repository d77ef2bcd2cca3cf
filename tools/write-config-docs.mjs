// npm run config-docs: writes docs/configuration.md from the flags of the built daemon.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { configurationReference } from '../dist/config/reference.js';

const page = join(import.meta.dirname, '../docs/configuration.md');
writeFileSync(page, await format(configurationReference(), { ...(await resolveConfig(page)), parser: 'markdown' }));
