import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedServer } from '../../src/storage/embedded/embedded-server.js';
import { createDatabaseOn } from '../support/postgres.js';
import { describeContractIf } from './contract.js';
import { openOn, POSTGRES_LACKS } from './postgres-harness.js';
import { FULL_SIZE } from '../support/full-size.js';

const QUIET = { log: () => undefined, warn: () => undefined, debug: () => undefined };

// The PostgreSQL that the daemon brings along, as the daemon starts and reaches it.
describeContractIf(FULL_SIZE, {
  name: 'embedded',
  lacks: POSTGRES_LACKS,
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coordinate-embedded-'));
    const server = await EmbeddedServer.open(folder, QUIET);
    const backend = await openOn(await createDatabaseOn(server.url));
    const close = backend.close.bind(backend);
    return Object.assign(backend, {
      close: async () => {
        await close();
        await server.close();
        rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
      },
    });
  },
});
