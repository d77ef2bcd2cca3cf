import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { OutcomeUnknownError, StorageUnavailableError } from '../../src/domain/errors.js';
import { NamespaceRepository } from '../../src/namespaces/namespace.repository.js';
import { RestApp } from './app.js';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());

it('a mistake of ours is 500, and its client sees nothing of our insides', async () => {
  rest.app.useLogger(false);
  vi.spyOn(rest.app.get(NamespaceRepository, { strict: false }), 'list').mockImplementation(() => {
    throw new TypeError('secret of /src/storage');
  });
  const { status, json, headers } = await rest.get('/namespace');
  expect([status, headers['content-type']]).toEqual([500, 'application/json']);
  expect(json).toEqual({ error: 'error', message: 'Internal server error' });
});

it('a storage that is away is 503', async () => {
  vi.spyOn(rest.app.get(NamespaceRepository, { strict: false }), 'list').mockImplementation(() => {
    throw new StorageUnavailableError('connection refused');
  });
  const { status, json } = await rest.get('/namespace');
  expect(status).toBe(503);
  expect(json).toEqual({ error: 'error', message: 'Service unavailable' });
});

it('a change of which nobody knows whether it took place is 503 too, and does not ask to be sent again', async () => {
  vi.spyOn(rest.app.get(NamespaceRepository, { strict: false }), 'list').mockImplementation(() => {
    throw new OutcomeUnknownError('the database did not answer in 10 s');
  });
  const { status, json, headers } = await rest.get('/namespace');
  expect([status, headers['retry-after']]).toEqual([503, undefined]);
  expect(json).toEqual({
    error: 'error',
    message: 'Service unavailable; whether the change took place is not known',
  });
});
