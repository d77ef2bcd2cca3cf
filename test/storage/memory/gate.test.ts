import { describe, expect, it } from 'vitest';
import { behind, Gate, whenOpen } from '../../../src/storage/memory/gate.js';
import { nextTurn } from '../../../src/timing/slices.js';
import { EVERY_STEP } from '../../contract/memory-harness.js';

describe('a gate', () => {
  const log: string[] = [];
  const gates = (many: number): Gate[] => {
    log.length = 0;
    return Array.from({ length: many }, () => new Gate(EVERY_STEP));
  };
  /** A change behind gates that takes so many turns of the event loop. */
  const change = (name: string, at: readonly Gate[], turns: number): Promise<void> =>
    behind(at, async () => {
      log.push(`${name} begins`);
      for (let turn = 0; turn < turns; turn++) await nextTurn();
      log.push(`${name} ends`);
    });
  /** What repositories do: carried out at once, or when nothing that it needs is closed. */
  const operation = (name: string, at: readonly Gate[], work: () => unknown = () => undefined): unknown => {
    const closed = at.filter(({ isClosed }) => isClosed);
    if (closed.length > 0) return whenOpen(closed, () => operation(name, at, work));
    log.push(name);
    return work();
  };

  it('lets those in who wait in the order they came, and whoever comes meanwhile after them', async () => {
    const [gate] = gates(1);
    const all = [change('long', [gate], 3), operation('a', [gate]), operation('b', [gate]), operation('c', [gate])];
    await all[0];
    all.push(operation('d', [gate]));
    expect(gate.isClosed).toBe(true);
    await Promise.all(all);
    expect(log).toEqual(['long begins', 'long ends', 'a', 'b', 'c', 'd']);
    expect(gate.isClosed).toBe(false);
    operation('e', [gate]);
    expect(log.at(-1)).toBe('e');
  });

  it('lets one in that takes long itself, and the next one when that is over', async () => {
    const [gate] = gates(1);
    await Promise.all([
      change('long', [gate], 2),
      operation('first', [gate], () => change('longer', [gate], 4)),
      operation('second', [gate]),
    ]);
    expect(log).toEqual(['long begins', 'long ends', 'first', 'longer begins', 'longer ends', 'second']);
  });

  it('opens when a change fails, and when one fails that has waited', async () => {
    const [gate] = gates(1);
    const failing = behind([gate], async () => {
      await nextTurn();
      throw new Error('broken');
    });
    const refused = operation('refused', [gate], () => {
      throw new Error('refused');
    });
    const next = operation('next', [gate]);
    await expect(failing).rejects.toThrow('broken');
    await expect(refused).rejects.toThrow('refused');
    await next;
    expect(gate.isClosed).toBe(false);
  });

  it('lets one through that waits at two of them, though each is closed again and again by others', async () => {
    const [a, b] = gates(2);
    let over = false;
    /** Never lets a gate be open for longer than it takes to close it again. */
    const attack = async (gate: Gate, turns: number): Promise<void> => {
      while (!over) await operation('attack', [gate], () => change('long', [gate], turns));
    };
    const attacks = [attack(a, 3), attack(a, 3), attack(b, 4), attack(b, 4)];
    await operation('both', [a, b]);
    over = true;
    await Promise.all(attacks);
    expect(log.filter((line) => line === 'long begins').length).toBeLessThan(20);
  });

  it('keeps nobody from what is open while one waits elsewhere', async () => {
    const [closed, open] = gates(2);
    const long = change('long', [closed], 3);
    const both = operation('both', [open, closed]);
    operation('other', [open]);
    await Promise.all([long, both]);
    expect(log).toEqual(['long begins', 'other', 'long ends', 'both']);
  });

  it('is passed by those that need several in any order, all of them in the end', async () => {
    const all = gates(4);
    let done = 0;
    const work: unknown[] = [];
    for (let index = 0; index < 200; index++) {
      const first = all[index % 4];
      const second = all[(index * 7 + 1) % 4];
      const needed = first === second ? [first] : [first, second];
      const long = index % 3 === 0;
      work.push(operation(`${index}`, needed, () => (long ? change('long', needed, 1) : undefined)));
    }
    for (const one of work) await Promise.resolve(one).then(() => done++);
    expect(done).toBe(200);
    expect(all.map(({ isClosed }) => isClosed)).toEqual([false, false, false, false]);
  });

  it('can be opened before the change is at its end', async () => {
    const [a, b] = gates(2);
    const long = behind([a, b], async (open) => {
      await nextTurn();
      open(b); // who waits there goes in at once
      log.push('opened');
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      log.push('end');
    });
    await Promise.all([long, operation('at b', [b]), operation('at a', [a])]);
    expect(log).toEqual(['at b', 'opened', 'end', 'at a']);
  });
});
