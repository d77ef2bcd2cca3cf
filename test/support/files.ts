import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A folder of its own for the tests of a file, which goes when they are done. */
export interface TestFolder {
  /** The path of a name in the folder. */
  readonly path: (name: string) => string;
  /** Writes a file. @returns its path */
  readonly file: (name: string, text: string) => string;
}

/** To be called where tests are described. */
export function testFolder(): TestFolder {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'coordinate-test-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const path = (name: string): string => join(folder, name);
  return {
    path,
    file: (name, text) => {
      writeFileSync(path(name), text);
      return path(name);
    },
  };
}
