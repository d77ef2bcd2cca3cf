import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { request as httpRequest, Agent } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { AccessModule } from '../../src/access/access.module.js';
import type { Backend } from '../../src/config/backend.js';
import { Scheduler } from '../../src/domain/scheduler/scheduler.js';
import type { Micros } from '../../src/domain/time.js';
import { LocalClock } from '../../src/domain/time.js';
import { NO_WEB, WebRules, type WebOptions } from '../../src/rest/access/web-rules.js';
import { HttpLoad } from '../../src/rest/http/load.js';
import { RestAdapter } from '../../src/rest/http/rest-adapter.js';
import { openApiDocument } from '../../src/rest/openapi/document.js';
import { RestModule } from '../../src/rest.module.js';
import { SchedulerModule } from '../../src/scheduler/scheduler.module.js';
import { serveDocs } from '../../src/rest/docs/serve-docs.js';
import { serveUi, type UiOptions } from '../../src/rest/ui/serve-ui.js';
import { StorageHealth } from '../../src/storage/storage-health.js';
import { StorageModule } from '../../src/storage/storage.module.js';
import { SchemaCheck } from './schema-check.js';

/** 2026-01-02T03:04:05.678901Z */
export const START: Micros = 1_767_323_045_678_901;

/** A clock that stands still until it is told to go on. */
class TestClock extends LocalClock {
  time = START;

  override now(): Micros {
    return this.time;
  }

  pass(micros: Micros): void {
    this.time += micros;
  }
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body, read as JSON. */
  json: unknown;
}

export interface Options {
  headers?: Record<string, string>;
  /** Sent as it is when it is a text or bytes, else as JSON. */
  body?: unknown;
}

/** REST over the memory backend unless told otherwise, on a port of its own. Every answer is checked against the OpenAPI document. */
export class RestApp {
  /** The same for all test files of a process: it takes as long to make as most of what they do with it. */
  private static document: ReturnType<typeof openApiDocument> | undefined;
  readonly clock = new TestClock();
  app!: NestFastifyApplication;
  adapter!: RestAdapter;
  port = 0;
  private schema!: SchemaCheck;
  private readonly agent = new Agent({ keepAlive: true });

  static async start(
    options: {
      maxBodyBytes?: number;
      maxUnreadBytes?: number;
      backend?: Backend;
      web?: Partial<WebOptions>;
      ui?: UiOptions;
    } = {},
  ): Promise<RestApp> {
    const rest = new RestApp();
    const module = await Test.createTestingModule({
      imports: [
        AccessModule.forRoot({ namespace: '' }),
        SchedulerModule,
        StorageModule.forBackend(options.backend ?? { kind: 'memory' }),
        RestModule,
      ],
    })
      .overrideProvider(LocalClock)
      .useValue(rest.clock)
      .overrideProvider(Scheduler)
      .useValue(new Scheduler(() => 0))
      .compile();
    rest.adapter = new RestAdapter(
      options.maxBodyBytes ?? 64 * 1024 * 1024,
      new HttpLoad(Infinity, Infinity, options.maxUnreadBytes ?? Infinity),
      new WebRules({ ...NO_WEB, ...options.web }),
    );
    rest.app = module.createNestApplication<NestFastifyApplication>(rest.adapter, { logger: ['error'] });
    RestApp.document ??= openApiDocument(rest.app);
    rest.schema = new SchemaCheck(RestApp.document);
    serveDocs(rest.app, RestApp.document);
    if (options.ui) serveUi(rest.app, options.ui);
    await rest.app.listen(0, '127.0.0.1');
    await rest.app.get(StorageHealth, { strict: false }).opened();
    rest.port = (rest.app.getHttpServer().address() as AddressInfo).port;
    return rest;
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.app.close();
  }

  get(path: string, options?: Options): Promise<Answer> {
    return this.send('GET', path, options);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, { body });
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.send('POST', path, { body });
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  /** Sends bytes as they are, which may be no request of an HTTP library's, and gives all that comes back until the connection closes. */
  raw(...chunks: (string | Buffer)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1');
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
      for (const chunk of chunks) socket.write(chunk);
    });
  }

  send(method: string, path: string, { headers = {}, body }: Options = {}): Promise<Answer> {
    const bytes = bytesOf(body);
    const length = bytes && !('transfer-encoding' in headers) ? { 'content-length': String(bytes.length) } : {};
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port: this.port, method, path, headers: { ...length, ...headers }, agent: this.agent },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const isJson = text !== '' && String(response.headers['content-type']).includes('json');
            const json: unknown = isJson ? JSON.parse(text) : undefined;
            const problems = this.schema.problemsOf(method, path, response.statusCode!, json);
            if (problems.length > 0) reject(new Error(problems.join('\n')));
            else resolve({ status: response.statusCode!, headers: response.headers, text, json });
          });
        },
      );
      request.on('error', reject);
      request.end(bytes);
    });
  }
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
