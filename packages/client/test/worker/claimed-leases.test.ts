import { describe, expect, it } from 'vitest';
import { LeaseGroup, rangesOf, unitOfUrl } from '../../src/worker/claimed-leases.js';

describe('leases of one claim', () => {
  it('are told of as one text, and those that are held are told one by one', () => {
    const group = new LeaseGroup({ first: 7, size: 3, urls: 'a\nb\nc' }, 1, 10, 4);
    expect([6, 7, 9, 10].map((id) => group.has(id))).toEqual([false, true, true, false]);
    group.release(8);
    group.release(8);
    expect(group.left).toBe(2);
    expect([...group]).toEqual([
      { id: 7, url: 'a' },
      { id: 9, url: 'c' },
    ]);
  });

  it('are released by ranges of their numbers', () => {
    expect(rangesOf([])).toEqual([]);
    expect(rangesOf([3, 4, 5, 9, 8, 10])).toEqual([
      [3, 5],
      [9, 9],
      [8, 8],
      [10, 10],
    ]);
  });

  it('say of which units they are, whatever these are called', () => {
    const unit = (spec: string, name: string) =>
      `/namespace/n/work_spec/${spec}/work_unit/${name}/attempt/attempt/h3k.1`;
    expect(unitOfUrl(unit('s', 'u1'))).toEqual({ spec: 's', unit: 'u1' });
    expect(unitOfUrl(unit('work_unit', 'attempt'))).toEqual({ spec: 'work_unit', unit: 'attempt' });
    expect(unitOfUrl(unit('-w6k', '-'))).toEqual({ spec: 'é', unit: '' });
    // Bytes that are no text are shown as they are in paths.
    expect(unitOfUrl(unit('s', '-_w'))).toEqual({ spec: 's', unit: '-_w' });
  });
});
