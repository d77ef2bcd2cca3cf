// npm run error-docs: writes docs/errors.md from the errors of the built daemon.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { errorReference } from '../dist/rest/openapi/error-reference.js';

const page = join(import.meta.dirname, '../docs/errors.md');
writeFileSync(page, await format(errorReference(), { ...(await resolveConfig(page)), parser: 'markdown' }));
