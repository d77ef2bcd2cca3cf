import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../../src/app.module.js';
import { AttemptRepository } from '../../../src/attempts/attempt.repository.js';
import { type Encodable, encode } from '../../../src/cbor/index.js';
import { loadConfig } from '../../../src/config/load.js';
import type { Attempt, AttemptAction, AttemptRef } from '../../../src/domain/attempt.js';
import { MILLISECOND, SECOND, type Micros } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { NamespaceRepository } from '../../../src/namespaces/namespace.repository.js';
import { RestAdapter } from '../../../src/rest/http/rest-adapter.js';
import { StorageHealth } from '../../../src/storage/storage-health.js';
import { WorkSpecRepository } from '../../../src/work-specs/work-spec.repository.js';
import { WorkUnitRepository } from '../../../src/work-units/work-unit.repository.js';
import { vi } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

export const START: Micros = 1_700_000_000_000_000;

/** The whole app without servers, on a clock that stands still until it is told to go on. */
export class MetricsApp {
  private constructor(
    private readonly app: NestFastifyApplication,
    private database: TestDatabase | undefined,
  ) {}

  static async start(backend: 'memory' | 'postgres'): Promise<MetricsApp> {
    const database = backend === 'postgres' ? await createDatabase() : undefined;
    const loaded = loadConfig(['-backend', database?.url ?? 'memory'], { env: {}, isTerminal: false });
    if (loaded.action !== 'start') throw new Error('no configuration');
    if (!database) vi.useFakeTimers({ toFake: ['Date'], now: START / MILLISECOND });
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.forRoot(loaded.config),
      new RestAdapter(1_000_000),
      { logger: false, abortOnError: false },
    );
    await app.init();
    await app.get(StorageHealth, { strict: false }).opened();
    await database?.query(`CREATE TABLE public.test_clock AS SELECT ${START}::bigint AS now`);
    await database?.query(`CREATE OR REPLACE FUNCTION coordinate.now_micros() RETURNS bigint LANGUAGE sql VOLATILE
      AS 'SELECT now FROM public.test_clock'`);
    return new MetricsApp(app, database);
  }

  async stop(): Promise<void> {
    await this.app.close();
    vi.useRealTimers();
    await this.database?.drop();
  }

  /** The database goes away. */
  async loseDatabase(): Promise<void> {
    await this.database!.drop();
    this.database = undefined;
  }

  get<T>(token: abstract new (...args: never[]) => T): T {
    return this.app.get(token, { strict: false });
  }

  async advance(seconds: number): Promise<void> {
    if (this.database) await this.database.query('UPDATE public.test_clock SET now = now + $1', [seconds * SECOND]);
    else vi.setSystemTime(Date.now() + seconds * 1000);
  }

  async spec(name: string, namespace = 'n', fields: Record<string, Encodable> = {}): Promise<void> {
    await this.get(WorkSpecRepository).set(namespace, defineWorkSpec(encode({ name, ...fields })));
  }

  async add(workSpec: string, units: readonly string[], namespace = 'n'): Promise<void> {
    const added = units.map((name) => ({ name, data: EMPTY_DATA, priority: 0 }));
    await this.get(WorkUnitRepository).add(namespace, workSpec, added);
  }

  async claim(units: number, workSpec: string, leaseSeconds = 900): Promise<Attempt[]> {
    const request = { worker: 'w', units, lifetime: leaseSeconds * SECOND, workSpecs: [workSpec] };
    return (await this.get(AttemptRepository).claim('n', request)).attempts;
  }

  async act(ref: AttemptRef, action: AttemptAction): Promise<void> {
    await this.get(AttemptRepository).change('n', { ref, action });
  }

  async deleteSpec(name: string): Promise<void> {
    await this.get(WorkSpecRepository).delete('n', name);
  }

  /** `spec status count` of the summary that REST shows. */
  async summary(): Promise<string[]> {
    const records = await this.get(NamespaceRepository).summarize();
    return records.map(({ namespace, workSpec, status, count }) => `${namespace} ${workSpec} ${status} ${count}`);
  }

  get200(path: string): Promise<string> {
    return this.getWith(200, path);
  }

  get503(path: string): Promise<string> {
    return this.getWith(503, path);
  }

  private async getWith(status: number, path: string): Promise<string> {
    const answer = await this.app.inject({ url: path });
    if (answer.statusCode !== status) throw new Error(`${answer.statusCode} ${answer.payload}`);
    return answer.payload;
  }

  /** The samples of /metrics whose text begins so, without that beginning; sorted. */
  async scrape(beginning: string): Promise<string[]> {
    const lines = (await this.get200('/metrics')).split('\n').filter((line) => line.startsWith(beginning));
    return lines.map((line) => line.slice(beginning.length)).sort();
  }
}
