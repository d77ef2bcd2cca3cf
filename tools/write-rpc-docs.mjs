// npm run rpc-docs: writes docs/cbor-rpc-methods.md from the methods of the built daemon.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { methodsReference } from '../dist/cbor-rpc/handlers/reference.js';

const page = join(import.meta.dirname, '../docs/cbor-rpc-methods.md');
writeFileSync(page, await format(methodsReference(), { ...(await resolveConfig(page)), parser: 'markdown' }));
