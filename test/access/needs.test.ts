import { Controller, Get } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessModule } from '../../src/access/access.module.js';
import { type Need, OPEN } from '../../src/access/need.js';
import { isRight, type Right } from '../../src/access/right.js';
import { AppModule } from '../../src/app.module.js';
import { methodDeclarations } from '../../src/cbor-rpc/handlers/reference.js';
import { loadConfig } from '../../src/config/load.js';
import { serveDocs } from '../../src/rest/docs/serve-docs.js';
import { serveUi } from '../../src/rest/ui/serve-ui.js';
import { RestAdapter } from '../../src/rest/http/rest-adapter.js';
import { Needs } from '../../src/rest/access/needs.js';

describe('what CBOR-RPC methods need', () => {
  it('is what the table of rights says', () => {
    const table: Partial<Record<Right | typeof OPEN, string[]>> = {};
    for (const { name, needs } of methodDeclarations()) (table[needs] ??= []).push(name);
    for (const names of Object.values(table)) names.sort();
    expect(table).toEqual({
      open: ['hello'],
      read: [
        'count_work_units',
        'get_child_work_units',
        'get_work_spec',
        'get_work_spec_meta',
        'get_work_unit_status',
        'get_work_units',
        'get_worker_info',
        'list_work_specs',
        'list_worker_modes',
        'mode_counts',
        'now',
        'readlock',
        'worker_stats',
      ],
      submit: ['add_work_units', 'cancel_work_units', 'del_work_units', 'edit_work_unit', 'prioritize_work_units'],
      work: [
        'delete_namespace',
        'get_config',
        'get_work',
        'lock',
        'locksome',
        'renew',
        'unlock',
        'update_work_unit',
        'worker_heartbeat',
        'worker_unregister',
      ],
      define: ['set_work_spec'],
      admin: ['archive', 'clear', 'control_work_spec', 'del_work_spec'],
    });
  });
});

describe('what routes need', () => {
  let app: NestFastifyApplication;
  /** Every route of the daemon and its declaration, as the server was given them. */
  const routes = new Map<string, Need | typeof OPEN>();

  beforeAll(async () => {
    const loaded = loadConfig(['-backend', 'memory'], { env: {}, isTerminal: false });
    if (loaded.action !== 'start') throw new Error('no configuration');
    const adapter = new RestAdapter(1_000_000);
    adapter.getInstance().addHook('onRoute', ({ method, url, config }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.set(`${one} ${url}`, config!.needs!);
    });
    app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(loaded.config), adapter, {
      logger: false,
      abortOnError: false,
    });
    serveDocs(app);
    serveUi(app, { ui: 'on', version: '', backend: '', asksWho: true, warnings: [] });
    await app.init();
  });
  afterAll(() => app.close());

  it('is open for what says nothing of anybody but who asks, and for nothing else', () => {
    const open = [...routes].filter(([, needs]) => needs === OPEN).map(([route]) => route);
    expect(open.sort()).toEqual([
      'DELETE /session',
      'GET /',
      'GET /docs',
      'GET /docs/favicon-32x32.png',
      'GET /docs/start.js',
      'GET /docs/swagger-ui-bundle.js',
      'GET /docs/swagger-ui.css',
      'GET /healthz',
      'GET /openapi.json',
      'GET /readyz',
      'GET /session',
      'GET /session/callback',
      'GET /session/sign-in',
      'GET /ui',
      'GET /ui/*',
      'GET /ui/viewer',
      'POST /session',
    ]);
  });

  it('is more than to read for all that changes something', () => {
    const reading = [...routes].filter(([, needs]) => needs !== OPEN && needs.right === 'read').map(([route]) => route);
    expect(reading.filter((route) => !route.startsWith('GET '))).toEqual([]);
  });

  it('names what GET may make besides', () => {
    const making = [...routes].filter(([, needs]) => needs !== OPEN && needs.toMake !== undefined);
    expect(Object.fromEntries(making)).toEqual({
      'GET /namespace/:namespace': { right: 'read', where: 'here', toMake: 'admin' },
      'GET /namespace/:namespace/worker/:worker': { right: 'read', where: 'here', toMake: 'work' },
    });
  });

  it('is in the namespace of the path where there is one, and else known by name', () => {
    const elsewhere = [...routes].flatMap(([route, needs]) =>
      needs === OPEN || needs.where === 'here' ? [] : [[route, `${needs.right} ${needs.where}`]],
    );
    expect(Object.fromEntries(elsewhere)).toEqual({
      'GET /daemon': 'read everywhere',
      'GET /dump': 'operate everywhere',
      'GET /metrics': 'read everywhere',
      'GET /namespace': 'read each',
      'GET /storage': 'read each',
      'GET /summary': 'read each',
      'POST /namespace': 'admin each',
      'POST /storage/calls': 'operate everywhere',
    });
  });

  it('is what the OpenAPI document says', async () => {
    const document = (await app.inject('/openapi.json')).json<OpenAPIObject>();
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, { description: string; 'x-right': string }>).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`, operation] as const,
      ),
    );
    expect(described.length).toBeGreaterThan(40);
    for (const [route, { description, 'x-right': right }] of described) {
      const needs = routes.get(route)!;
      expect([route, right]).toEqual([route, needs === OPEN ? OPEN : needs.right]);
      expect(description).toContain(needs === OPEN ? 'Open to everybody.' : `Needs the right \`${needs.right}\``);
      expect(right === OPEN || isRight(right)).toBe(true);
    }
  });
});

@Controller()
class Undeclared {
  @Get('namespace/:namespace/secrets')
  secrets(): string {
    return '[]';
  }
}

@Controller()
class Nowhere {
  @Needs('read')
  @Get('secrets')
  secrets(): string {
    return '[]';
  }
}

@Controller()
class Beside {
  @Needs({ right: 'read', where: 'everywhere' })
  @Get('namespace/:namespace/secrets')
  secrets(): string {
    return '[]';
  }
}

@Controller()
class ForWhom {
  @Needs('work')
  @Get('namespace/:namespace/work')
  work(): string {
    return '[]';
  }
}

async function start(controller: new () => object): Promise<void> {
  const module = await Test.createTestingModule({
    imports: [AccessModule.forRoot({ namespace: '' })],
    controllers: [controller],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new RestAdapter(1_000_000), { logger: false });
  await app.init();
  await app.close();
}

describe('a server does not start', () => {
  it('with a route that does not declare what it needs', async () => {
    await expect(start(Undeclared)).rejects.toThrow(
      'GET /namespace/:namespace/secrets does not declare the right that it needs',
    );
  });

  it('with one for workers whose path does not say for which', async () => {
    await expect(start(ForWhom)).rejects.toThrow(
      'GET /namespace/:namespace/work needs the right work, and its path does not say for which worker',
    );
  });

  it('with one that needs a right in a namespace that its path does not name', async () => {
    await expect(start(Nowhere)).rejects.toThrow(
      'GET /secrets needs a right in the namespace of its path, and has none there',
    );
  });

  it('with one that has a namespace in its path and needs no right there', async () => {
    await expect(start(Beside)).rejects.toThrow(
      'GET /namespace/:namespace/secrets has a namespace in its path, and needs no right in it',
    );
  });
});
