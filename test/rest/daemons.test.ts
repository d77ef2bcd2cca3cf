import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostname } from 'node:os';
import { VERSION } from '../../src/version.js';
import { RestApp } from './app.js';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());

it('a daemon in memory tells of itself: nobody else can have that open', async () => {
  rest.clock.pass(1_000_000);
  const { status, json } = await rest.get('/daemon');
  expect([status, json]).toEqual([
    200,
    {
      daemons: [
        {
          id: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
          version: VERSION,
          host: hostname(),
          pid: process.pid,
          opened_at: '2026-01-02T03:04:05.678901Z',
          last_sign_at: '2026-01-02T03:04:06.678901Z',
        },
      ],
    },
  ]);
});
