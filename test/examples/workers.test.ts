import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { endureRestart } from './endurance.js';
import { FULL_SIZE } from '../support/full-size.js';
import { buildExamples } from './example.js';

const WORKER = [process.execPath, join(import.meta.dirname, '../../build/examples/word-count/worker.js')];

describe.runIf(FULL_SIZE)("the example's worker", () => {
  beforeAll(buildExamples);

  it('goes on when the daemon is killed and started again', () =>
    endureRestart(({ httpPort }) => [...WORKER, `http://127.0.0.1:${httpPort}`, 'worker', 'parent']));
});
