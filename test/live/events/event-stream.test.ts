import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Caller } from '../../../src/access/caller.js';
import { EVERYBODY } from '../../../src/access/identity.js';
import { RecentFrames } from '../../../src/live/events/rest/event-frames.js';
import { EventStream } from '../../../src/live/events/rest/event-stream.js';

/** An answer that takes so many chars before it wants to be read, each time. */
class SlowAnswer extends EventEmitter {
  text = '';
  writableNeedDrain = false;
  writableEnded = false;
  destroyed = false;
  private taken = 0;

  write(piece: string | Buffer): void {
    this.text += String(piece);
    this.writableNeedDrain = this.text.length - this.taken >= 100;
  }

  read(): void {
    this.taken = this.text.length;
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function streamOf(answer: { writableNeedDrain: boolean }, identity = { ...EVERYBODY }) {
  const stream = new EventStream(
    answer as unknown as ServerResponse,
    () => undefined,
    new Caller(identity, '-'),
    undefined,
  );
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

  it('is told what is large as it reads, and what comes then behind it', async () => {
    const answer = new SlowAnswer();
    const { stream } = streamOf(answer);
    let made = 0;
    stream.write(function* () {
      while (made < 5) yield `${made++}`.repeat(60);
    });
    stream.write(Buffer.from('last'));
    await turn();
    expect(answer.text).toHaveLength(120);
    expect(made).toBe(3);
    // Who reads a little now and then is not slow.
    const looks = [];
    for (let times = 0; times < 8; times++) looks.push(stream.isPast(0));
    expect(looks).toEqual([...Array<undefined>(5), 'slow', 'slow', 'slow']);
    answer.read();
    await turn();
    expect(stream.isPast(0)).toBeUndefined();
    expect(answer.text).toHaveLength(240);
    answer.read();
    await turn();
    expect(answer.text).toMatch(/^(\d)\1{59}(?:(\d)\2{59}){4}last$/);
    stream.write(Buffer.from('!'));
    expect(answer.text).toMatch(/last!$/);
    expect(answer.listenerCount('drain') + answer.listenerCount('close')).toBe(0);
  });

  it('is told nothing more of what is large when it has gone', async () => {
    const answer = new SlowAnswer();
    const { stream } = streamOf(answer);
    stream.write(() => Array<string>(9).fill('x'.repeat(100)));
    await turn();
    answer.destroyed = true;
    answer.emit('close');
    await turn();
    expect(answer.text).toHaveLength(100);
  });

  it('is told nothing once it has ended, though it has not read what came before', () => {
    const answer = new SlowAnswer();
    const { stream } = streamOf(answer);
    stream.write(Buffer.from('before'));
    answer.writableEnded = true;
    stream.write(Buffer.from('after'));
    stream.write(() => ['large']);
    expect(answer.text).toBe('before');
  });

  it('is slow when it has not read what is large after sixty looks, however much of it', async () => {
    const answer = new SlowAnswer();
    const { stream } = streamOf(answer);
    stream.write(() => Array<string>(999).fill('x'.repeat(100)));
    for (let look = 1; look <= 60; look++) {
      await turn();
      expect(stream.isPast(0), `look ${look}`).toBeUndefined();
      answer.read();
    }
    await turn();
    expect(stream.isPast(0)).toBe('slow');
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

  it('are told again from an id on, as long as all of them are there', async () => {
    const frames = new RecentFrames('a');
    const none = frames.id;
    const first = await frames.add([event('1'), event('2')]);
    const { id } = frames;
    const second = await frames.add([event('3')]);
    expect(String(first)).toBe(`event: overview\ndata: 1\n\nevent: overview\nid: ${id}\ndata: 2\n\n`);
    expect(frames.after(none)).toEqual([first, second]);
    expect(frames.after(id)).toEqual([second]);
    expect(frames.after(frames.id)).toEqual([]);
    for (const unknown of ['b-1', 'a-3', 'a', '', 'a-x']) expect(frames.after(unknown)).toBeUndefined();
    for (let i = 0; i < 100; i++) await frames.add([event('x')]);
    expect(frames.after(id)).toBeUndefined();
  });

  it('are made as they are read where they are large, and remembered by nobody', async () => {
    const frames = new RecentFrames('a');
    await frames.add([event('x')]);
    const last = frames.id;
    let made = 0;
    const many = {
      type: 'overview',
      data: () => Array.from({ length: 300 }, () => (made++, 'y'.repeat(16_384))),
    } as const;
    const telling = (await frames.add([many])) as () => Iterable<string>;
    expect(frames.after(last)).toBeUndefined();
    expect(frames.after(frames.id)).toEqual([]);
    for (let reader = 1; reader <= 2; reader++) {
      const pieces = [...telling()];
      expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(64 * 1024);
      expect(pieces.join('')).toBe(`event: overview\nid: ${frames.id}\ndata: ${'y'.repeat(300 * 16_384)}\n\n`);
      expect(made).toBe(300 * (reader + 1));
    }
  });
});
