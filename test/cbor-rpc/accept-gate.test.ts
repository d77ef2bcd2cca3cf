import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AcceptGate } from '../../src/cbor-rpc/accept-gate.js';

describe('the accept gate', () => {
  it('is open while no connections come', () => {
    expect(new AcceptGate().isClosed).toBe(false);
  });

  it('holds work until a turn has gone by in which no connection came', async () => {
    const gate = new AcceptGate(() => 0);
    const done: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      gate.connectionCame();
      expect(gate.isClosed).toBe(true);
      gate.hold(() => done.push(`work ${turn}`));
      await nextTurn();
    }
    expect(done).toEqual([]);
    await nextTurn();
    await nextTurn();
    expect(done).toEqual(['work 0', 'work 1', 'work 2', 'work 3', 'work 4']);
    expect(gate.isClosed).toBe(false);
  });

  it('lets work go on from time to time while connections keep coming', async () => {
    const gate = new AcceptGate();
    let held = false;
    let rounds = 0;
    while (rounds < 3) {
      gate.connectionCame();
      if (!held) {
        held = true;
        gate.hold(() => {
          held = false;
          rounds++;
        });
      }
      await nextTurn();
    }
    expect(rounds).toBe(3);
  });

  it('goes on with work that is handed over while it opens', async () => {
    const gate = new AcceptGate();
    const done: string[] = [];
    gate.connectionCame();
    gate.hold(() => {
      done.push('first');
      gate.connectionCame();
      gate.hold(() => done.push('second'));
    });
    for (let turn = 0; turn < 8; turn++) await nextTurn();
    expect(done).toEqual(['first', 'second']);
    expect(gate.isClosed).toBe(false);
  });
});
