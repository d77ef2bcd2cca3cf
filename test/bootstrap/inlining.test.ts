import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { INLINING_FLAG } from '../../src/bootstrap/inlining.js';

describe('the inlining of requests', () => {
  it('is asked for by a flag that this V8 knows', () => {
    const set = (flag: string) =>
      spawnSync(process.execPath, [
        '-e',
        `require('v8').setFlagsFromString(${JSON.stringify(flag)})`,
      ]).stderr.toString();
    expect(set(INLINING_FLAG)).toBe('');
    expect(set('--no-such-flag=3000')).toContain('unrecognized');
  });
});
