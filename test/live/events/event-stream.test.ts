import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Caller } from '../../../src/access/caller.js';
import { EVERYBODY } from '../../../src/access/identity.js';
import { RecentFrames } from '../../../src/live/events/rest/event-frames.js';
import { EventStream } from '../../../src/live/events/rest/event-stream.js';

function streamOf(answer: { writableNeedDrain: boolean }, identity = { ...EVERYBODY }) {
  const stream = new EventStream(answer as ServerResponse, () => undefined, new Caller(identity, '-'), undefined);
  return { stream, identity };
}

describe('a stream of events', () => {
  it('is slow when it has not been read at several looks in a row', () => {
    const answer = { writableNeedDrain: true };
    const { stream } = streamOf(answer);
    const looks = (times: number) => Array.from({ length: times }, () => stream.isPast(0)).at(-1);
    expect(looks(5)).toBeUndefined();
    answer.writableNeedDrain = false;
    expect(looks(1)).toBeUndefined();
    answer.writableNeedDrain = true;
    expect(looks(5)).toBeUndefined();
    expect(looks(1)).toBe('slow');
  });

  it('is over when its caller is', () => {
    const { stream, identity } = streamOf({ writableNeedDrain: false });
    expect(stream.isPast(0)).toBeUndefined();
    identity.isOver = true;
    expect(stream.isPast(0)).toBe('over');
    const expiring = streamOf({ writableNeedDrain: false }, { ...EVERYBODY, expires: 10 });
    expect([expiring.stream.isPast(9), expiring.stream.isPast(10)]).toEqual([undefined, 'over']);
  });
});

describe('frames that are remembered', () => {
  const event = (data: string) => ({ type: 'overview', data }) as const;

  it('are told again from an id on, as long as all of them are there', () => {
    const frames = new RecentFrames('a');
    const none = frames.id;
    const first = frames.add([event('1'), event('2')]);
    const { id } = frames;
    const second = frames.add([event('3')]);
    expect(first.toString()).toBe(`event: overview\ndata: 1\n\nevent: overview\nid: ${id}\ndata: 2\n\n`);
    expect(frames.after(none)?.toString()).toBe(Buffer.concat([first, second]).toString());
    expect(frames.after(id)?.toString()).toBe(second.toString());
    expect(frames.after(frames.id)?.length).toBe(0);
    for (const unknown of ['b-1', 'a-3', 'a', '', 'a-x']) expect(frames.after(unknown)).toBeUndefined();
    for (let i = 0; i < 100; i++) frames.add([event('x')]);
    expect(frames.after(id)).toBeUndefined();
    const last = frames.id;
    frames.add([event('y'.repeat(2 << 20))]);
    expect(frames.after(last)).toBeUndefined();
  });
});
