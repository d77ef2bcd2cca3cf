import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ValueError } from '../../src/config/errors.js';
import * as values from '../../src/config/values.js';
import { DAY, MINUTE, SECOND } from '../../src/domain/time.js';

describe('parseAddress', () => {
  test.each([
    ['127.0.0.1:5932', { host: '127.0.0.1', port: 5932 }],
    [':5932', { host: '', port: 5932 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['localhost:65535', { host: 'localhost', port: 65535 }],
    ['some-host.example:80', { host: 'some-host.example', port: 80 }],
    ['[::1]:5932', { host: '::1', port: 5932 }],
    ['[::]:5932', { host: '::', port: 5932 }],
    ['off', 'off'],
  ])('%s', (text, address) => {
    expect(values.parseAddress(text)).toEqual(address);
  });

  test.each([
    '',
    '5932',
    ':',
    'host',
    'host:',
    'host:x',
    '::1:5932',
    '[::1]',
    '[host]:80',
    ':65536',
    ':-1',
    'a b:80',
    'OFF',
  ])('refuses %j', (text) => {
    expect(() => values.parseAddress(text)).toThrow(ValueError);
  });

  test('an IPv4 address and a port come back as they went in', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 65535 }), (host, port) => {
        expect(values.parseAddress(`${host}:${port}`)).toEqual({ host, port });
      }),
    );
  });
});

describe('parseSize', () => {
  test.each([
    ['1', 1],
    ['64MiB', 64 * 1024 * 1024],
    ['64mib', 64 * 1024 * 1024],
    ['64 MiB', 64 * 1024 * 1024],
    ['1.5KiB', 1536],
    ['2MB', 2_000_000],
    ['10kB', 10_000],
    ['512B', 512],
    ['2GiB', 2 ** 31],
  ])('%s', (text, bytes) => {
    expect(values.parseSize(text)).toBe(bytes);
  });

  test.each(['', '0', '-1', 'MiB', '64XB', '3GiB', '1e3', '0.1'])('refuses %j', (text) => {
    expect(() => values.parseSize(text)).toThrow(ValueError);
  });
});

describe('parseDuration', () => {
  test.each([
    ['2m', 2 * MINUTE],
    ['90s', 90 * SECOND],
    ['1h30m', 90 * MINUTE],
    ['500ms', SECOND / 2],
    ['1.5s', (3 * SECOND) / 2],
    ['7d', 7 * DAY],
    ['1w', 7 * DAY],
    ['250us', 250],
    ['0s', 0],
  ])('%s', (text, micros) => {
    expect(values.parseDuration(text)).toBe(micros);
  });

  test.each(['', '2', 'm', '2x', '2 m', '-2m', '2m!', 'x2m', '99999999999999w'])('refuses %j', (text) => {
    expect(() => values.parseDuration(text)).toThrow(ValueError);
  });

  test('a period is longer than nothing', () => {
    expect(values.parsePeriod('1us')).toBe(1);
    expect(() => values.parsePeriod('0s')).toThrow(ValueError);
  });
});

describe('parseRetention', () => {
  test.each([
    ['unlimited', {}],
    ['7d', { age: 7 * DAY }],
    ['100000', { count: 100_000 }],
    ['0', { count: 0 }],
    ['7d,100000', { age: 7 * DAY, count: 100_000 }],
    ['100000, 12h', { age: DAY / 2, count: 100_000 }],
  ])('%s', (text, limit) => {
    expect(values.parseRetention(text)).toEqual(limit);
  });

  test.each(['', ',', '7d,7d', '7d,', '1,2', '7d,1,2', 'forever', '-1', '1.5', '99999999999999999999'])(
    'refuses %j',
    (text) => {
      expect(() => values.parseRetention(text)).toThrow(ValueError);
    },
  );
});

describe('the small ones', () => {
  test('booleans', () => {
    for (const text of ['true', 'TRUE', '1', 'yes', 'on', 't', 'y']) expect(values.parseBoolean(text)).toBe(true);
    for (const text of ['false', 'False', '0', 'no', 'off', 'f', 'n']) expect(values.parseBoolean(text)).toBe(false);
    for (const text of ['', '2', 'maybe', 'truely']) expect(() => values.parseBoolean(text)).toThrow(ValueError);
  });

  test('counts', () => {
    expect(values.parseCount('10000')).toBe(10_000);
    for (const text of ['', '0', '-1', '1.5', '1e3', '99999999999999999999']) {
      expect(() => values.parseCount(text)).toThrow(ValueError);
    }
  });

  test('a choice names what there is to choose from', () => {
    const parse = values.parseChoice(['ncsa', 'json']);
    expect(parse('json')).toBe('json');
    expect(() => parse('xml')).toThrow(/"xml" is not one of ncsa, json/);
  });

  test('a namespace holds up to 1,024 bytes of valid Unicode', () => {
    expect(values.parseNamespace('')).toBe('');
    expect(values.parseNamespace('é'.repeat(512))).toBe('é'.repeat(512));
    expect(() => values.parseNamespace('é'.repeat(513))).toThrow(ValueError);
    expect(() => values.parseNamespace('\ud800')).toThrow(ValueError);
  });
});

describe('what browsers and proxies are let do', () => {
  test.each([
    ['', []],
    ['Jobs.Example.com, a_b.c', ['jobs.example.com', 'a_b.c']],
  ])('hosts %j', (text, hosts) => {
    expect(values.parseHosts(text)).toEqual(hosts);
  });
  test.each(['a.b:80', 'http://a.b', '*.a.b', 'a,,b', 'a b'])('refuses the hosts %j', (text) => {
    expect(() => values.parseHosts(text)).toThrow(ValueError);
  });

  test('origins', () => {
    expect(values.parseOrigins('https://a.b,http://c:8080')).toEqual(['https://a.b', 'http://c:8080']);
  });
  test.each([
    '*',
    'null',
    'https://a.b/',
    'https://a.b/x',
    'https://A.b',
    'ftp://a.b',
    'a.b',
    'https://a.b:443',
    'https://u@a.b',
  ])('refuses the origin %j', (text) => {
    expect(() => values.parseOrigins(text)).toThrow(ValueError);
  });

  test('rates', () => {
    expect(values.parseRate('1000/s')).toEqual({ text: '1000/s', requests: 1000, perMs: 1000 });
    expect(values.parseRate('5/m')).toMatchObject({ perMs: 60_000 });
    expect(values.parseRate('off')).toBeUndefined();
  });
  test.each(['0/s', '1000', '/s', '1.5/s', '10/d', '-1/s'])('refuses the rate %j', (text) => {
    expect(() => values.parseRate(text)).toThrow(ValueError);
  });

  test('networks', () => {
    expect(values.parseNetworks('10.0.0.0/8, ::1,fd00::/8')).toEqual(['10.0.0.0/8', '::1', 'fd00::/8']);
  });
  test.each(['10.0.0.0/33', 'fd00::/129', 'host', '10.0.0/8', '10.0.0.0/', '/8', '10.0.0.0/-1'])(
    'refuses the network %j',
    (text) => {
      expect(() => values.parseNetworks(text)).toThrow(ValueError);
    },
  );

  test.each([
    ['', ''],
    ['/', ''],
    ['/coordinate', '/coordinate'],
    ['/a/b-c/', '/a/b-c'],
  ])('base path %j', (text, path) => {
    expect(values.parseBasePath(text)).toBe(path);
  });
  test.each(['coordinate', '//evil.example', '/a//b', '/a/../b', '/a?b', '/a"b', '/namespace', '/docs/x', '/é'])(
    'refuses the base path %j',
    (text) => {
      expect(() => values.parseBasePath(text)).toThrow(ValueError);
    },
  );
});
