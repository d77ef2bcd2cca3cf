import { describe, expect, test } from 'vitest';
import { describeBackend, parseBackend } from '../../src/config/backend.js';
import { ValueError } from '../../src/config/errors.js';
import { stateFolder } from '../../src/config/state-folder.js';

describe('parseBackend', () => {
  test.each([
    ['memory', { kind: 'memory' }],
    ['embedded', { kind: 'embedded', dir: stateFolder({}) }],
    ['embedded:/var/lib/coordinate', { kind: 'embedded', dir: '/var/lib/coordinate' }],
    ['embedded:C:\\data', { kind: 'embedded', dir: 'C:\\data' }],
    ['http://other:5980/', { kind: 'http', url: 'http://other:5980/' }],
    ['http://other:5980', { kind: 'http', url: 'http://other:5980/' }],
    ['https://other/coordinate', { kind: 'http', url: 'https://other/coordinate' }],
    ['postgres://u:p@h:1/d', { kind: 'postgres', url: 'postgres://u:p@h:1/d' }],
    ['postgresql://u:p@h:1/d', { kind: 'postgres', url: 'postgres://u:p@h:1/d' }],
    [
      'postgres://u:p%40%2F@h:1/d%20d?sslmode=require',
      { kind: 'postgres', url: 'postgres://u:p%40%2F@h:1/d%20d?sslmode=require' },
    ],
    ['postgres:', { kind: 'postgres', url: 'postgres://postgres@localhost:5432/postgres' }],
    ['postgres://', { kind: 'postgres', url: 'postgres://postgres@localhost:5432/postgres' }],
    ['postgres://172.17.0.1', { kind: 'postgres', url: 'postgres://postgres@172.17.0.1:5432/postgres' }],
    ['postgres://[::1]/d', { kind: 'postgres', url: 'postgres://postgres@[::1]:5432/d' }],
    ['postgres:///jobs', { kind: 'postgres', url: 'postgres://postgres@localhost:5432/jobs' }],
    ['postgres://me@/jobs', { kind: 'postgres', url: 'postgres://me@localhost:5432/jobs' }],
  ])('%s', (text, backend) => {
    expect(parseBackend(text, {})).toEqual(backend);
  });

  test.each([
    '',
    'redis://x',
    'Memory',
    'memory:',
    'embedded:',
    'postgres',
    'http:',
    'http:other',
    'http://',
    'postgres://h:x/d',
    'postgres://a/b/c',
    'postgres://h:99999/d',
  ])('refuses %j', (text) => {
    expect(() => parseBackend(text, {})).toThrow(ValueError);
  });

  test('a refusal does not repeat the text, which may hold a password', () => {
    expect(() => parseBackend('postgres://u:secret@h:x/', {})).toThrow(/^(?!.*secret)/);
    expect(() => parseBackend('postgers://u:secret@h/', {})).toThrow(/^(?!.*secret)/);
  });

  test('the libpq variables complete what the URL leaves out, and only that', () => {
    const env = {
      PGHOST: 'db.example',
      PGPORT: '6543',
      PGUSER: 'the user',
      PGPASSWORD: 'p@ss/word',
      PGDATABASE: 'jobs',
      PGSSLMODE: 'require',
    };
    expect(parseBackend('postgres:', env)).toEqual({
      kind: 'postgres',
      url: 'postgres://the%20user:p%40ss%2Fword@db.example:6543/jobs?sslmode=require',
    });
    expect(parseBackend('postgres://u:p@h:1/d?sslmode=disable', env)).toEqual({
      kind: 'postgres',
      url: 'postgres://u:p@h:1/d?sslmode=disable',
    });
    expect(parseBackend('postgres:', { PGHOST: '/var/run/postgresql' })).toEqual({
      kind: 'postgres',
      url: 'postgres://postgres@%2Fvar%2Frun%2Fpostgresql:5432/postgres',
    });
    expect(parseBackend('postgres:', { PGHOST: '::1' })).toEqual({
      kind: 'postgres',
      url: 'postgres://postgres@[::1]:5432/postgres',
    });
  });
});

test('describeBackend leaves out the password', () => {
  const describe = (text: string): string => describeBackend(parseBackend(text, {}));
  expect(describe('memory')).toBe('memory');
  expect(describe('embedded')).toBe(`embedded:${stateFolder({})}`);
  expect(describe('embedded:/data')).toBe('embedded:/data');
  expect(describe('postgres://u:secret@h:1/d?password=secret')).toBe('postgres://u@h:1/d');
  expect(describe('http://u:secret@other:5980/')).toBe('http://u@other:5980/');
});
