import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOfToken, makeToken } from '../../../src/access/token.js';
import { startDaemon } from '../../support/daemon.js';

/** A daemon that asks who makes a request. */
export interface AskingDaemon<Name extends string> {
  readonly url: string;
  /** By the names of callers. */
  readonly tokens: Readonly<Record<Name, string>>;
  stop(): Promise<void>;
}

/** Starts one that knows some callers by tokens. @param callers what each may do, in YAML, by their names */
export async function startAsking<Name extends string>(
  callers: Readonly<Record<Name, string>>,
  flags: readonly string[] = [],
): Promise<AskingDaemon<Name>> {
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-callers-'));
  const entries = (Object.entries(callers) as [Name, string][]).map(([name, rights]) => ({
    name,
    rights,
    token: makeToken(),
  }));
  const file = join(folder, 'callers.yaml');
  const lines = entries.map(
    (one) => `{name: ${one.name}, token_sha256: ${hashOfToken(one.token)}, rights: ${one.rights}}`,
  );
  writeFileSync(file, `callers: [${lines.join(', ')}]`);
  const daemon = await startDaemon(['-cborrpc', 'off', '-auth-tokens', file, ...flags]);
  return {
    url: `http://127.0.0.1:${daemon.httpPort}`,
    tokens: Object.fromEntries(entries.map(({ name, token }) => [name, token])) as Record<Name, string>,
    stop: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
