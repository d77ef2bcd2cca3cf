import { describe, expect, it } from 'vitest';
import { LockTree } from '../../../src/storage/memory/lock-tree.js';

describe('the tree of locks', () => {
  it('drops those past their timeout when it is told to, and no others', () => {
    const tree = new LockTree();
    tree.take(['a'], 'me', 5);
    tree.take(['b', 'c', 'd'], 'me', 5);
    tree.take(['b', 'e'], 'me', 6);
    for (let job = 0; job < 1000; job++) tree.take(['jobs', String(job)], 'me', 5);
    expect(tree.dropExpired(4)).toBe(0);
    expect(tree.dropExpired(5)).toBe(1002);
    expect(tree.holder(['b', 'e'], 5)).toBe('me');
    expect(tree.isFree(['b'], 5)).toBe(false);
    expect(tree.dropExpired(6)).toBe(1);
    expect(tree.isFree([], 6)).toBe(true);
  });

  it('drops one of the path of no parts, and ones of very many parts', () => {
    const tree = new LockTree();
    tree.take([], 'me', 5);
    expect(tree.dropExpired(5)).toBe(1);
    tree.take(Array<string>(20_000).fill('x'), 'me', 5);
    expect(tree.dropExpired(5)).toBe(1);
    expect(tree.dropExpired(5)).toBe(0);
  });

  it('takes very many past their timeout away below a prefix in small steps', () => {
    const tree = new LockTree();
    for (let job = 0; job < 5000; job++) tree.take(['jobs', String(job)], 'me', 5);
    const looking = tree.lookingWhetherFree(['jobs'], 5);
    for (let step = 0; step < 1000; step++) expect(looking.next().done).toBe(false);
    expect(tree.isFree(['jobs'], 5)).toBe(true);
    expect(tree.dropExpired(5)).toBe(0);
  });
});
