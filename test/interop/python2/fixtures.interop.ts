import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Python2 } from './python.js';

const FIXTURES = join(import.meta.dirname, '../../cbor-rpc/fixtures');
const python = new Python2(0);
afterAll(() => python.remove());

it('still sends what the fixtures say, and reads the answers in them', async () => {
  const { code, stderr } = await python.python([join(FIXTURES, 'record'), python.folder]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const textsIn = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.txt'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  expect(textsIn(python.folder)).toEqual(textsIn(FIXTURES));
});
