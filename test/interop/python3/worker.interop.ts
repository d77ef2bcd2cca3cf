import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { endureLosses, endureRestart, rpcArguments } from '../../examples/endurance.js';
import { buildExamples, runExample, tableIn } from '../../examples/example.js';

const FILES = ['--files', '1000'];
const WORKER = [process.env.PYTHON ?? 'python3', join(import.meta.dirname, '../../../examples/word-count/worker.py')];

describe("the example's Python 3 worker", () => {
  beforeAll(buildExamples, 120_000);

  it('comes to the same table as the Node worker, alone and beside it', async () => {
    const node = await runExample([...FILES, '--workers', '2']);
    const python = await runExample([...FILES, '--workers', '2', '--python', '2']);
    const both = await runExample([...FILES, '--workers', '4', '--python', '2', '--kill']);
    for (const output of [node, python, both]) {
      expect(output).not.toMatch(/^(FAIL|skip)/m);
      expect(output).toMatch(/^ok {4}history: one finished attempt for each unit: 2000 of 2000$/m);
    }
    expect(both).toMatch(/^ok {4}history: an attempt of the killed worker expired, another finished$/m);
    expect(tableIn(python)).toBe(tableIn(node));
    expect(tableIn(both)).toBe(tableIn(node));
  });

  it('goes on where the storage is away and connections are lost', () => endureLosses(WORKER));

  it('goes on when the daemon is killed and started again', () =>
    endureRestart(({ rpcPort }) => [...WORKER, ...rpcArguments(`127.0.0.1:${rpcPort}`)]));

  it('hands over when a Python worker is the one that is killed', async () => {
    const output = await runExample([...FILES, '--workers', '3', '--python', '3', '--kill']);
    expect(output).toMatch(/^killed example-\d+-python-\d, which had claimed [1-9]/m);
    expect(output).toMatch(/^ok {4}what the killed worker had claimed was finished by others/m);
  });
});
