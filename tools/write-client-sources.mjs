// npm run client-sources: writes packages/client/src/generated from the tables and the routes of the built daemon.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { errorClasses } from '../dist/rest/openapi/error-classes.js';
import { clientTypes } from './client-types.mjs';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'coordinate-openapi-'));
const path = join(folder, 'openapi.json');
execFileSync(process.execPath, [join(root, 'dist/commands/write-openapi.js'), path]);
const document = JSON.parse(readFileSync(path, 'utf8'));
rmSync(folder, { recursive: true });

const SOURCES = { 'errors.ts': errorClasses(), 'bodies.ts': await clientTypes(document) };
for (const [name, source] of Object.entries(SOURCES)) {
  const file = join(root, 'packages/client/src/generated', name);
  writeFileSync(file, await format(source, { ...(await resolveConfig(file)), parser: 'typescript' }));
}
