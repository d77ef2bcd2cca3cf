import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RpcLogEntry } from '../../../src/cbor-rpc/rpc-request-log.js';
import type { LogFormat, LogLevel } from '../../../src/config/config.js';
import { createLogger } from '../../../src/observability/logger.js';
import { createRequestLog } from '../../../src/observability/request-log/create-request-log.js';
import type { HttpLogEntry, RequestLog } from '../../../src/observability/request-log/request-log.js';

const HTTP: HttpLogEntry = {
  id: 'abc-1',
  client: '192.0.2.7',
  method: 'POST',
  url: '/namespace/-/work_spec?x=1',
  version: '1.1',
  status: 201,
  bytes: 57,
  referer: undefined,
  userAgent: 'curl/8',
  duration: 1.234_567,
};
const RPC: RpcLogEntry = {
  id: 17,
  method: 'get_work',
  client: '192.0.2.7',
  outcome: 'ok',
  error: undefined,
  bytes: 40,
  duration: 0.052_4,
};

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 5, 7, 8, 9, 100) });
  return () => vi.useRealTimers();
});

function logOf(format: LogFormat, level: LogLevel = 'info'): RequestLog {
  const config = { requests: true, format, level, metrics: false, metricPeriod: 1 };
  const out = { write: (line: string) => lines.push(line) };
  return createRequestLog(config, createLogger(config, out), out)!;
}

test('requests are not logged unless they are to be', () => {
  const config = { requests: false, format: 'json', level: 'info', metrics: false, metricPeriod: 1 } as const;
  const out = { write: () => undefined };
  expect(createRequestLog(config, createLogger(config, out), out)).toBeUndefined();
});

describe('ncsa', () => {
  // As Apache's documentation has the combined format, and two more fields.
  const FORM =
    /^(\S+) (\S+) (\S+) \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)" (\S+) (\d+)\n$/;

  test('an HTTP request is a line of the combined format, with id and microseconds', () => {
    logOf('ncsa').http(HTTP);
    expect(lines).toEqual([
      '192.0.2.7 - - [05/Nov/2026:07:08:09 +0000] "POST /namespace/-/work_spec?x=1 HTTP/1.1" 201 57 "-" "curl/8" abc-1 1235\n',
    ]);
    expect(FORM.test(lines[0])).toBe(true);
  });

  test('the time is that at which the request came', () => {
    logOf('ncsa').http({ ...HTTP, duration: 200 });
    expect(lines[0]).toContain('[05/Nov/2026:07:08:08 +0000]');
  });

  test('nothing sent is a dash, as is what a client did not say', () => {
    logOf('ncsa').http({ ...HTTP, bytes: 0, userAgent: '', id: '' });
    expect(lines[0]).toMatch(/" 201 - "-" "-" - 1235\n$/);
  });

  test('a CBOR-RPC request looks the same', () => {
    const log = logOf('ncsa');
    log.rpc(RPC);
    log.rpc({ ...RPC, outcome: 'error', error: 'ParamError', id: null });
    log.rpc({ ...RPC, outcome: 'unavailable', error: 'StorageUnavailableError' });
    log.rpc({ ...RPC, outcome: 'failed', error: 'Error', id: 'a b' });
    expect(lines).toEqual([
      '192.0.2.7 - - [05/Nov/2026:07:08:09 +0000] "RPC get_work CBOR-RPC" 200 40 "-" "-" 17 52\n',
      '192.0.2.7 - - [05/Nov/2026:07:08:09 +0000] "RPC get_work CBOR-RPC" 400 40 "-" "-" - 52\n',
      '192.0.2.7 - - [05/Nov/2026:07:08:09 +0000] "RPC get_work CBOR-RPC" 503 40 "-" "-" 17 52\n',
      '192.0.2.7 - - [05/Nov/2026:07:08:09 +0000] "RPC get_work CBOR-RPC" 500 40 "-" "-" a\\x20b 52\n',
    ]);
  });

  test.each(['"', '\\', '\n', '\r\n1.2.3.4 - - [', '\x1b[2J', '\0', 'ü', '😀', '\\"', ' '])(
    'a client cannot break out of a field by %j',
    (evil) => {
      const log = logOf('ncsa');
      log.http({ ...HTTP, url: `/${evil}x`, referer: evil, userAgent: evil, id: evil });
      log.rpc({ ...RPC, method: evil, id: evil });
      for (const line of lines) {
        expect(line).toMatch(FORM);
        expect(line).toMatch(/^[ -~]*\n$/);
      }
      expect(lines).toHaveLength(2);
    },
  );

  test('the level leaves out what went well', () => {
    const log = logOf('ncsa', 'warn');
    log.http(HTTP);
    log.http({ ...HTTP, status: 404 });
    expect(lines).toHaveLength(1);
  });
});

describe('json', () => {
  test('an HTTP request', () => {
    logOf('json').http(HTTP);
    expect(JSON.parse(lines[0])).toEqual({
      level: 'info',
      time: '2026-11-05T07:08:09.100Z',
      context: 'HTTP',
      id: 'abc-1',
      client: '192.0.2.7',
      method: 'POST',
      url: '/namespace/-/work_spec?x=1',
      status: 201,
      outcome: 'ok',
      bytes: 57,
      ms: 1.235,
      userAgent: 'curl/8',
      msg: 'POST /namespace/-/work_spec?x=1 201',
    });
  });

  test('a CBOR-RPC request', () => {
    logOf('json').rpc({ ...RPC, outcome: 'error', error: 'ErrNoSuchWorkUnit' });
    expect(JSON.parse(lines[0])).toEqual({
      level: 'warn',
      time: '2026-11-05T07:08:09.100Z',
      context: 'RPC',
      id: 17,
      client: '192.0.2.7',
      method: 'get_work',
      outcome: 'error',
      error: 'ErrNoSuchWorkUnit',
      bytes: 40,
      ms: 0.052,
      msg: 'get_work ErrNoSuchWorkUnit',
    });
  });

  test.each([
    [200, 'info', 'ok'],
    [404, 'warn', 'error'],
    [499, 'warn', 'error'],
    [500, 'error', 'failed'],
    [503, 'warn', 'unavailable'],
  ])('status %i is %s', (status, level, outcome) => {
    logOf('json').http({ ...HTTP, status });
    expect(JSON.parse(lines[0])).toMatchObject({ level, outcome, status });
  });
});

describe('stackdriver', () => {
  test('an HTTP request is where Google Cloud looks for it', () => {
    logOf('stackdriver').http({ ...HTTP, status: 500, referer: 'http://x/' });
    expect(JSON.parse(lines[0])).toEqual({
      severity: 'ERROR',
      time: '2026-11-05T07:08:09.100Z',
      httpRequest: {
        requestMethod: 'POST',
        requestUrl: '/namespace/-/work_spec?x=1',
        status: 500,
        responseSize: '57',
        userAgent: 'curl/8',
        remoteIp: '192.0.2.7',
        referer: 'http://x/',
        latency: '0.001235s',
        protocol: 'HTTP/1.1',
      },
      requestId: 'abc-1',
      outcome: 'failed',
      message: 'POST /namespace/-/work_spec?x=1 500',
    });
  });

  test('a CBOR-RPC request has fields of its own', () => {
    logOf('stackdriver').rpc(RPC);
    expect(JSON.parse(lines[0])).toEqual({
      severity: 'INFO',
      time: '2026-11-05T07:08:09.100Z',
      rpc: { method: 'get_work', responseSize: '40', remoteIp: '192.0.2.7', latency: '0.000052s' },
      requestId: 17,
      outcome: 'ok',
      message: 'get_work ok',
    });
  });
});

describe('pretty', () => {
  test('a line each', () => {
    const log = logOf('pretty');
    log.http(HTTP);
    log.rpc({ ...RPC, method: undefined, outcome: 'error', error: 'ProtocolError', id: null });
    expect(lines).toEqual([
      '2026-11-05T07:08:09.100Z INFO  [HTTP] POST /namespace/-/work_spec?x=1 201, 57 bytes, 1.235 ms, from 192.0.2.7, id abc-1\n',
      '2026-11-05T07:08:09.100Z WARN  [RPC] - ProtocolError, 40 bytes, 0.052 ms, from 192.0.2.7, id -\n',
    ]);
  });

  test('a client cannot write to the terminal', () => {
    logOf('pretty').rpc({ ...RPC, method: '\x1b[2J\n', id: '\x07' });
    expect(lines[0]).toMatch(/^[ -~]*\n$/);
  });
});
