import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import type { Backend } from '../config/backend.js';
import type { LoadedConfig } from '../config/load.js';
import type { SnapshotCounts, SnapshotRecords } from '../domain/snapshot.js';
import { readDump } from '../snapshots/dump-reader.js';
import { dumpOf } from '../snapshots/dump-writer.js';
import { knownStateFolder } from '../storage/embedded/state-folder.js';
import { format, ProgressBar } from './progress.js';
import { carryOut, fileOf, withStorage } from './transfer.js';

/** `coordinated dump FILE`: writes everything that a storage holds into a file. */
export function dump(loaded: LoadedConfig): Promise<number> {
  const file = fileOf(loaded);
  return carryOut(loaded, () => readFrom(loaded.config.backend, (records) => write(records, file)));
}

function readFrom(backend: Backend, use: (records: SnapshotRecords) => Promise<void>): Promise<void> {
  switch (backend.kind) {
    case 'memory':
    case 'plugin':
      throw new Error(
        `what a daemon keeps in ${backend.kind === 'memory' ? 'memory' : 'a plug-in'} only that daemon can read: dump it through its HTTP address, ` +
          'as in -backend http://127.0.0.1:5980/',
      );
    case 'http':
      return readOver(backend.url, use);
    case 'embedded':
      if (knownStateFolder(backend.dir) === undefined) throw new Error(`${backend.dir} holds no storage of Coordinate`);
      return withStorage(backend, (snapshots) => snapshots.read(use));
    case 'postgres':
      return withStorage(backend, (snapshots) => snapshots.read(use));
  }
}

/** Has a daemon dump its storage. */
async function readOver(url: string, use: (records: SnapshotRecords) => Promise<void>): Promise<void> {
  const address = new URL('dump', url.endsWith('/') ? url : `${url}/`);
  let response: Response;
  try {
    response = await fetch(address);
  } catch (error) {
    const { message } = ((error as Error).cause ?? error) as Error;
    throw new Error(`${address.href} can not be reached: ${message}`, { cause: error });
  }
  if (!response.ok || !response.body) {
    throw new Error(`${address.href} answers ${response.status}${await messageOf(response)}`);
  }
  await use(readDump(buffersOf(response.body)));
}

/** What a daemon says of an error. */
async function messageOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const isError = typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string';
  return isError ? `: ${(body as { message: string }).message}` : '';
}

async function* buffersOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

async function write(records: SnapshotRecords, file: string): Promise<void> {
  const bar = new ProgressBar('dumping');
  let total = 0;
  let counts: SnapshotCounts | undefined;
  const chunks = dumpOf(records, (writer, some) => {
    if (some[0]?.kind === 'head') total = some[0].units;
    counts = writer.counts;
    bar.show(counts.workUnits, total, 'work units');
  });
  const since = performance.now();
  const bytes = await (file === '-' ? writeOut(chunks) : writeFile(chunks, file)).finally(() => bar.end());
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  process.stderr.write(`dumped ${describe(counts!)}: ${format(bytes)} bytes in ${seconds} s\n`);
}

/** Under another name first: a file of the right name is a whole dump. */
async function writeFile(chunks: AsyncIterable<Buffer>, file: string): Promise<number> {
  const part = `${file}.part`;
  const handle = await open(part, 'w', 0o600);
  // Of a file that is open the system says only what is wrong, not where.
  const named = (error: Error): never => {
    throw new Error(`${part} can not be written: ${error.message}`, { cause: error });
  };
  try {
    let bytes = 0;
    for await (const chunk of chunks) {
      await handle.appendFile(chunk).catch(named);
      bytes += chunk.length;
    }
    await handle.sync().catch(named);
    await handle.close();
    await rename(part, file);
    return bytes;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

async function writeOut(chunks: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
    bytes += chunk.length;
  }
  return bytes;
}

/** Such as `1 namespace, 2 work specs, 1,000 work units, 3 attempts, 4 workers`. */
export function describe(counts: SnapshotCounts): string {
  const named: [number, string][] = [
    [counts.namespaces, 'namespace'],
    [counts.workSpecs, 'work spec'],
    [counts.workUnits, 'work unit'],
    [counts.attempts, 'attempt'],
    [counts.workers, 'worker'],
  ];
  return named.map(([count, name]) => `${format(count)} ${name}${count === 1 ? '' : 's'}`).join(', ');
}
