import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Coordinate, connect } from 'coordinate-client';
import { type RunningDaemon, startDaemon } from '../../../test/support/daemon.js';

/** A daemon for the tests of a file, a client of it, and a folder for what they write. */
export interface Started {
  readonly daemon: RunningDaemon;
  readonly url: string;
  readonly coordinate: Coordinate;
  readonly folder: string;
  stop(): Promise<void>;
}

export async function startAll(flags: readonly string[] = []): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-cli-'));
  const daemon = await startDaemon([...flags]);
  const url = `http://127.0.0.1:${daemon.httpPort}`;
  const coordinate = connect(url);
  return {
    daemon,
    url,
    coordinate,
    folder,
    stop: async () => {
      coordinate.close();
      await daemon.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
