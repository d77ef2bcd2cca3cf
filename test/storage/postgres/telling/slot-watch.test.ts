import { beforeEach, expect, it } from 'vitest';
import { SlotWatch } from '../../../../src/storage/postgres/telling/slot-watch.js';

let now = 0;
let told = 0;
let watch: SlotWatch;
beforeEach(() => {
  now = 1_000;
  told = 0;
  watch = new SlotWatch(() => now);
  watch.listener = () => void told++;
});

it('tells of what is to be done soon, and earlier than the next look at the schedules is', () => {
  watch.looked(60_000);
  for (const ms of [Infinity, 70_000, 15_000]) watch.saw(ms);
  expect(told).toBe(0);
  watch.saw(5_000);
  expect(told).toBe(1);
  // Who looks knows it from then on.
  watch.looked(5_000);
  now += 1_000;
  watch.saw(3_990);
  expect(told).toBe(1);
  watch.saw(-10);
  expect(told).toBe(2);
});

it('tells nothing of what waits for units to end, which is looked at every second', () => {
  watch.looked(1_000);
  watch.saw(-5_000);
  expect(told).toBe(0);
});

it('tells whenever a schedule has been set here, and nobody where nobody looks after schedules', () => {
  watch.looked(20);
  watch.set();
  expect(told).toBe(1);
  watch.listener = undefined;
  watch.set();
  watch.saw(0);
  expect(told).toBe(1);
});
