import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { StorageUnavailableError } from '../../src/domain/errors.js';
import { NamespacesService } from '../../src/namespaces/namespaces.service.js';
import { RestApp } from './app.js';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());

it('a mistake of ours is 500, and its client sees nothing of our insides', async () => {
  rest.app.useLogger(false);
  vi.spyOn(rest.app.get(NamespacesService), 'list').mockImplementation(() => {
    throw new TypeError('secret of /src/storage');
  });
  const { status, json, headers } = await rest.get('/namespace');
  expect([status, headers['content-type']]).toEqual([500, 'application/json']);
  expect(json).toEqual({ error: 'error', message: 'Internal server error' });
});

it('a storage that is away is 503', async () => {
  vi.spyOn(rest.app.get(NamespacesService), 'list').mockImplementation(() => {
    throw new StorageUnavailableError('connection refused');
  });
  const { status, json } = await rest.get('/namespace');
  expect(status).toBe(503);
  expect(json).toEqual({ error: 'error', message: 'Service unavailable' });
});
