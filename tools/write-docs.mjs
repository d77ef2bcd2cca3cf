// npm run config-docs, error-docs, rpc-docs, command-docs: writes a page of docs/ from the tables of what is built.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { methodsReference } from '../dist/cbor-rpc/handlers/reference.js';
import { configurationReference } from '../dist/config/reference.js';
import { commandReference } from '../packages/cli/dist/table/reference.js';
import { errorReference } from '../dist/rest/openapi/error-reference.js';

const PAGES = {
  'command-line.md': commandReference,
  'configuration.md': configurationReference,
  'errors.md': errorReference,
  'cbor-rpc-methods.md': methodsReference,
};

const [name] = process.argv.slice(2);
const page = join(import.meta.dirname, '../docs', name);
writeFileSync(page, await format(PAGES[name](), { ...(await resolveConfig(page)), parser: 'markdown' }));
