import { describe, expect, test } from 'vitest';
import { Logger as NestFacade } from '@nestjs/common';
import type { LogFormat, LogLevel } from '../../src/config/config.js';
import { createLogger } from '../../src/observability/logger.js';
import { NestLogger } from '../../src/observability/nest-logger.js';

function capture(format: LogFormat, level: LogLevel = 'info') {
  const lines: string[] = [];
  return { logger: createLogger({ format, level }, { write: (line: string) => lines.push(line) }), lines };
}

const parsed = (lines: readonly string[]): unknown[] => lines.map((line) => JSON.parse(line) as unknown);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

describe('forms of the log', () => {
  test('json', () => {
    const { logger, lines } = capture('json');
    logger.warn({ port: 1 }, 'hello');
    expect(parsed(lines)).toEqual([{ level: 'warn', time, port: 1, msg: 'hello' }]);
    expect(lines[0].endsWith('\n')).toBe(true);
  });

  test('stackdriver', () => {
    const { logger, lines } = capture('stackdriver', 'trace');
    for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const) logger[level]('x');
    expect(parsed(lines)).toEqual(
      ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG', 'DEBUG'].map((severity) => ({ severity, time, message: 'x' })),
    );
  });

  test.each(['pretty', 'ncsa'] as const)('%s', (format) => {
    const { logger, lines } = capture(format);
    logger.info({ context: 'Here', port: 1 }, 'hello');
    logger.error({ err: new Error('broken') }, 'failed');
    expect(lines[0]).toMatch(/^\S+Z INFO {2}\[Here\] hello port=1\n$/);
    expect(lines[1]).toMatch(/^\S+Z ERROR failed\nError: broken\n {4}at /);
  });

  test('the level leaves out what is less severe', () => {
    const { logger, lines } = capture('json', 'error');
    logger.warn('no');
    logger.error('yes');
    expect(parsed(lines)).toMatchObject([{ msg: 'yes' }]);
  });
});

describe('what is written through Nest', () => {
  function throughNest(write: (logger: NestFacade) => void, context: string): unknown[] {
    const { logger, lines } = capture('json', 'trace');
    const bridge = new NestLogger(logger);
    const facade = new NestFacade(context);
    // The facade hands on to the logger of the app, which is set for the whole process.
    NestFacade.overrideLogger(bridge);
    write(facade);
    return parsed(lines);
  }

  test('keeps its level and context', () => {
    const lines = throughNest((logger) => {
      logger.fatal('a');
      logger.error('b');
      logger.warn('c');
      logger.log('d');
      logger.debug('e');
      logger.verbose('f');
    }, 'Queue');
    expect(lines).toEqual(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace'].map((level, i) => ({
        level,
        time,
        context: 'Queue',
        msg: 'abcdef'[i],
      })),
    );
  });

  test('the framework’s own talk is for those who debug it', () => {
    expect(throughNest((logger) => logger.log('Mapped'), 'RouterExplorer')).toMatchObject([{ level: 'debug' }]);
    expect(throughNest((logger) => logger.warn('Odd'), 'RouterExplorer')).toMatchObject([{ level: 'warn' }]);
  });

  test('errors bring their stack', () => {
    const error = new Error('broken');
    expect(throughNest((logger) => logger.error(error), 'Queue')).toMatchObject([
      { level: 'error', msg: 'broken', err: { message: 'broken', stack: error.stack } },
    ]);
    expect(throughNest((logger) => logger.error('broken', error.stack), 'Queue')).toMatchObject([
      { level: 'error', msg: 'broken', context: 'Queue', err: { stack: error.stack } },
    ]);
  });
});
