import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Inbox } from '../../src/structures/inbox.js';

const contents = (inbox: Inbox) => inbox.bytes.subarray(inbox.start, inbox.end);

describe('Inbox', () => {
  it('holds what was appended less what was taken, and never overwrites it', () => {
    const step = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => ({ append: Buffer.from(bytes) })),
      fc.nat(60).map((take) => ({ take })),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(0, 100, 700),
        fc.constantFrom(16, 1_000),
        (steps, announced, large) => {
          const inbox = new Inbox(announced, large);
          let expected = Buffer.alloc(0);
          const taken: [view: Buffer, copy: Buffer][] = [];
          for (const each of steps) {
            if ('append' in each) {
              inbox.append(each.append);
              expected = Buffer.concat([expected, each.append]);
            } else {
              const count = Math.min(each.take, expected.length);
              const view = inbox.bytes.subarray(inbox.start, inbox.start + count);
              taken.push([view, Buffer.from(view)]);
              inbox.takeUntil(inbox.start + count);
              expected = expected.subarray(count);
            }
            expect(contents(inbox).equals(expected)).toBe(true);
            expect(inbox.isEmpty).toBe(expected.length === 0);
          }
          for (const [view, copy] of taken) expect(view.equals(copy)).toBe(true);
        },
      ),
    );
  });

  it('takes a chunk as it is when it is empty', () => {
    const inbox = new Inbox();
    const chunk = Buffer.from('chunk');
    inbox.append(chunk);
    expect(inbox.bytes).toBe(chunk);
  });

  it('copies a message in many pieces a few times at most', () => {
    const inbox = new Inbox();
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 100_000; i++) {
      inbox.append(Buffer.from([i & 255]));
      buffers.add(inbox.bytes.buffer);
    }
    expect(buffers.size).toBeLessThan(25);
    expect(contents(inbox).length).toBe(100_000);
  });

  it('copies what is large little by little', () => {
    const inbox = new Inbox();
    const chunk = Buffer.alloc(64 * 1024);
    let longest = 0;
    const copy = vi.spyOn(Buffer.prototype, 'copy').mockImplementation(function (this: Buffer, ...args: unknown[]) {
      const [target, at, from, to] = args as [Buffer, number?, number?, number?];
      const copied = this.subarray(from, to);
      target.set(copied, at);
      longest = Math.max(longest, copied.length);
      return copied.length;
    });
    for (let i = 0; i < 400; i++) inbox.append(chunk);
    copy.mockRestore();
    expect(contents(inbox).length).toBe(400 * chunk.length);
    expect(longest).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('is laid out once where it is known how much comes, and goes on when more does', () => {
    const inbox = new Inbox(10_000);
    const buffers = new Set<ArrayBufferLike>();
    const append = (bytes: number): void => {
      for (let i = 0; i < bytes; i += 100) {
        inbox.append(Buffer.alloc(100, i));
        buffers.add(inbox.bytes.buffer);
      }
    };
    append(10_000);
    expect(inbox.bytes.length).toBe(10_000);
    expect(buffers.size).toBeLessThanOrEqual(2);
    append(100);
    expect(contents(inbox).length).toBe(10_100);
  });

  it('keeps nothing when it is cleared or all is taken', () => {
    const inbox = new Inbox();
    for (const empty of [() => inbox.clear(), () => inbox.takeUntil(inbox.end)]) {
      inbox.append(Buffer.from('abc'));
      empty();
      expect([inbox.isEmpty, inbox.bytes.length]).toEqual([true, 0]);
    }
  });
});
