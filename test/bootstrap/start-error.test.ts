import { expect, test } from 'vitest';
import { ListenError, describeStartError, formatAddressInfo } from '../../src/bootstrap/start-error.js';

const failure = (code: string, message = 'listen failed'): NodeJS.ErrnoException =>
  Object.assign(new Error(message), { code });

test.each([
  [{ host: '127.0.0.1', port: 80 }, failure('EACCES'), 'HTTP cannot listen on 127.0.0.1:80: permission denied'],
  [{ host: '', port: 80 }, failure('EADDRINUSE'), 'HTTP cannot listen on :80: the address is in use'],
  [
    { host: '::1', port: 80 },
    failure('EADDRNOTAVAIL'),
    'HTTP cannot listen on [::1]:80: this machine has no such address',
  ],
  [{ host: 'nowhere', port: 80 }, failure('ENOTFOUND'), 'HTTP cannot listen on nowhere:80: no such host'],
  [{ host: 'x', port: 80 }, failure('EODD', 'odd'), 'HTTP cannot listen on x:80: odd'],
])('%j %s', (address, cause, message) => {
  expect(new ListenError('HTTP', address, cause).message).toBe(message);
});

test('addresses are shown as they are written in a flag', () => {
  expect(formatAddressInfo({ address: '127.0.0.1', port: 1, family: 'IPv4' })).toBe('127.0.0.1:1');
  expect(formatAddressInfo({ address: '::', port: 1, family: 'IPv6' })).toBe('[::]:1');
});

test('a failure is told in one line', () => {
  expect(describeStartError(new Error('one\n  two'))).toBe('one two');
  expect(describeStartError(new TypeError())).toBe('TypeError');
  expect(describeStartError('text')).toBe('text');
  expect(describeStartError(new AggregateError([new Error('first'), new Error('second')]))).toBe('first');
});
