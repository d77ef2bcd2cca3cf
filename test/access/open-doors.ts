import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { stringify } from 'yaml';
import type { Need, OPEN } from '../../src/access/need.js';
import { type Right, RIGHTS } from '../../src/access/right.js';
import { hashOfToken, makeToken } from '../../src/access/token.js';
import { AppModule } from '../../src/app.module.js';
import { CborRpcServer } from '../../src/cbor-rpc/cbor-rpc.server.js';
import { loadConfig } from '../../src/config/load.js';
import { serveDocs } from '../../src/rest/docs/serve-docs.js';
import { serveUi } from '../../src/rest/ui/serve-ui.js';
import { RestAdapter } from '../../src/rest/http/rest-adapter.js';

/** A caller as the file of -auth-tokens has it. */
export interface Entry {
  name: string;
  rights: Record<string, Right[]>;
  token_sha256?: string;
  workers?: string;
  expires?: string;
}

export interface Sent {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Tokens of callers that have one right each. */
export const TOKENS = Object.fromEntries(RIGHTS.map((right) => [right, makeToken()])) as Record<Right, string>;

/** A caller for each right, with it in the namespace `own` alone; operate is for all. */
export function holders(): Entry[] {
  return RIGHTS.map((right) => ({
    name: right,
    token_sha256: hashOfToken(TOKENS[right]),
    rights: { [right === 'operate' ? '*' : 'own']: [right] },
  }));
}

/** Both interfaces on the memory backend, with callers that are known by tokens; CBOR-RPC works in the namespace `own`. */
export class OpenDoors {
  /** What each route needs, as the server was given it. */
  readonly routes: [method: string, path: string, needs: Need | typeof OPEN][] = [];

  private constructor(
    readonly file: string,
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly rpcPort: number,
    private readonly folder: string,
    private readonly closeRpc: () => Promise<unknown>,
  ) {}

  /** @param flags besides those that say who is known */
  static async open(flags: readonly string[] = ['-rpc-caller', 'plain']): Promise<OpenDoors> {
    const folder = mkdtempSync(join(tmpdir(), 'coordinate-access-'));
    const file = join(folder, 'callers.yaml');
    writeFileSync(file, stringify({ callers: [...holders(), { name: 'plain', rights: {} }] }));
    const own = ['-backend', 'memory', '-cborrpc', '127.0.0.1:0', '-namespace', 'own', '-auth-tokens', file];
    const loaded = loadConfig([...own, ...flags], { env: {}, isTerminal: false });
    if (loaded.action !== 'start') throw new Error('no configuration');
    const adapter = new RestAdapter(1_000_000);
    const routes: OpenDoors['routes'] = [];
    adapter.getInstance().addHook('onRoute', ({ method, url: path, config }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push([one, path, config!.needs!]);
    });
    const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(loaded.config), adapter, {
      logger: false,
    });
    const rpc = app.connectMicroservice({ strategy: app.get(CborRpcServer) });
    serveDocs(app);
    serveUi(app, { ui: 'on', version: '', backend: '', asksWho: true, warnings: [] });
    await app.listen(0, '127.0.0.1');
    const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    const rpcPort = ((await rpc.listen()) as AddressInfo).port;
    const doors = new OpenDoors(file, app, url, rpcPort, folder, () => rpc.close());
    doors.routes.push(...routes);
    return doors;
  }

  /** Has the daemon know these callers from now on, and a plain CBOR-RPC connection be one with these rights. */
  know(entries: readonly Entry[], plain: Entry['rights'] = {}): void {
    writeFileSync(this.file, stringify({ callers: [...entries, { name: 'plain', rights: plain }] }));
    process.emit('SIGHUP', 'SIGHUP');
  }

  async send(method: string, path: string, { token, body, headers }: Sent = {}): Promise<Response> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    // A stream of events has no end.
    if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await answer.body?.cancel();
    else await answer.clone().arrayBuffer();
    return answer;
  }

  async close(): Promise<void> {
    await this.closeRpc();
    await this.app.close();
    rmSync(this.folder, { recursive: true });
  }
}
