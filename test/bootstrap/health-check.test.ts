import { describe, expect, it } from 'vitest';
import { flagsOf, healthUrl } from '../../src/bootstrap/health-check.js';

describe('the flags of process 1', () => {
  it.each([
    [['node', 'dist/main.js'], []],
    [
      ['node', 'dist/main.js', '-http', ':8080'],
      ['-http', ':8080'],
    ],
    // docker run --init
    [
      ['/sbin/docker-init', '--', 'node', 'dist/main.js', '-backend', 'memory', '-http', 'off'],
      ['-backend', 'memory', '-http', 'off'],
    ],
    [
      ['node', '/app/dist/main.js', '-namespace', ''],
      ['-namespace', ''],
    ],
  ])('of %j', (commandLine, flags) => {
    expect(flagsOf(commandLine.map((arg) => `${arg}\0`).join(''))).toEqual(flags);
  });
});

describe('where the health is asked for', () => {
  it.each([
    [{ host: '', port: 5980 }, 'http://localhost:5980/healthz'],
    [{ host: '0.0.0.0', port: 80 }, 'http://localhost:80/healthz'],
    [{ host: '::', port: 5980 }, 'http://localhost:5980/healthz'],
    [{ host: '::1', port: 5980 }, 'http://[::1]:5980/healthz'],
    [{ host: '172.17.0.2', port: 5980 }, 'http://172.17.0.2:5980/healthz'],
  ])('of %j', (address, url) => {
    expect(healthUrl(address)).toBe(url);
  });

  it('is nowhere without HTTP', () => {
    expect(healthUrl('off')).toBeUndefined();
  });
});
