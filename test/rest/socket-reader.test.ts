import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpLoad } from '../../src/rest/http/load.js';
import { SocketReaders } from '../../src/rest/http/socket-reader.js';
import { SharedTurn } from '../../src/timing/shared-turn.js';
import { sized } from '../support/full-size.js';

const CRLF = '\r\n';
const LAST = `0${CRLF}${CRLF}`;
const chunk = (data: string): string => `${data.length.toString(16)}${CRLF}${data}${CRLF}`;
const inBytes = (text: string): string => [...text].map(chunk).join('');
const CHUNKED = `POST /c HTTP/1.1${CRLF}Transfer-Encoding: chunked${CRLF}`;

/** All that a server makes of what arrives on a connection. */
interface Seen {
  readonly requests: object[];
  error: string | undefined;
  answered: string;
  /** In how many pieces bodies came. */
  pieces: number;
}

/** A server that answers each request with what it has read of it, and the connection with an error where there is one. */
function serverThatShows(seen: Seen): Server {
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    const { method, url, httpVersion, rawHeaders } = request;
    const shown = { method, url, httpVersion, rawHeaders, body: '', end: 'none', trailers: {} };
    seen.requests.push(shown);
    request.setEncoding('latin1').on('data', (data: string) => {
      seen.pieces++;
      shown.body += data;
    });
    request.on('error', (error) => (shown.end = error.message));
    request.on('end', () => {
      Object.assign(shown, { end: 'complete', trailers: request.rawTrailers });
      response.sendDate = false;
      response.end(`${method} ${shown.body.length}`);
    });
  });
  // The connection stays for a while, so that what came before is answered, whether it came in the same turn or not.
  server.on('clientError', (error: NodeJS.ErrnoException) => {
    seen.error ??= error.code;
  });
  server.on('connect', ({ url: connect }: IncomingMessage) => void seen.requests.push({ connect }));
  return server;
}

/**
 * What a server makes of bytes that arrive in some pieces, and then end when it has read them.
 * @param read - has the server read in some way of ours
 */
async function seenOf(pieces: readonly Buffer[], read: (server: Server) => unknown, load?: HttpLoad): Promise<Seen> {
  const seen: Seen = { requests: [], error: undefined, answered: '', pieces: 0 };
  const server = serverThatShows(seen);
  read(server);
  const connection = new Duplex({
    read: () => undefined,
    write(data: Buffer, _encoding, done) {
      seen.answered += data.toString('latin1');
      done();
    },
  });
  const closed = once(connection, 'close');
  server.emit('connection', connection);
  for (const piece of pieces) {
    connection.push(piece);
    await nextTurn();
  }
  while (load !== undefined && load.bodyBytes > 0) await nextTurn();
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  connection.push(null);
  await nextTurn();
  connection.destroy();
  await closed;
  return seen;
}

/** Cuts bytes at some places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((at) => at % bytes.length)), bytes.length].sort((one, other) => one - other);
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end)).filter(({ length }) => length > 0);
}

/** A turn whose time is over whenever it is asked, or every so often. */
function turnOf(every: number): SharedTurn {
  const turn = new SharedTurn();
  let asked = 0;
  Object.defineProperty(turn, 'isOver', { get: () => ++asked % every === 0 });
  Object.defineProperty(turn, 'isCrowded', { get: () => ++asked % every === 0 });
  turn.hold = (goOn) => void setImmediate(goOn);
  return turn;
}

const data = fc.oneof(
  fc.constantFrom('', 'x', '\r\n', '{"name":"n"}', `${CHUNKED}${CRLF}${inBytes('ab')}${LAST}`, `\r\n\r\n1\r\nx\r\n`),
  fc.string({ maxLength: 40 }),
);
/** Now and then not as it should be. */
const oddly = (usual: string, ...odd: string[]) =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
const anyChunk = fc
  .tuple(
    data.filter((text) => text !== ''),
    oddly('', '0', '000000', 'g', ' ', '-'),
    oddly('', ';a=b', ' ', ';'),
    oddly(CRLF, '\n', '\r', ''),
    oddly(CRLF, '\n', '\r', '', 'x'),
    fc.boolean(),
  )
  .map(([text, before, extension, line, end, large]) => {
    const size = text.length.toString(16);
    return `${before}${large ? size.toUpperCase() : size}${extension}${line}${text}${end}`;
  });
const chunks = fc.oneof(
  data.map(inBytes),
  fc.array(anyChunk, { maxLength: 5 }).map((all) => all.join('')),
);
const chunked = fc
  .record({
    version: oddly('1.1', '1.0'),
    coding: oddly('chunked', 'Chunked', 'gzip, chunked', 'chunked, chunked', 'chunked, gzip', 'identity', 'x'),
    more: oddly('', 'Content-Length: 3\r\n', 'Expect: 100-continue\r\n'),
    chunks,
    last: oddly(LAST, '0\r\nX-Trailer: 1\r\n\r\n', '0;a\r\n\r\n', '00\r\n\r\n', '0\r\n', ''),
  })
  .map(
    ({ version, coding, more, chunks, last }) =>
      `POST /c HTTP/${version}\r\nTransfer-Encoding: ${coding}\r\n${more}\r\n${chunks}${last}`,
  );
const message = fc.oneof(
  { weight: 4, arbitrary: chunked },
  {
    weight: 2,
    // A body may look like chunks without being any.
    arbitrary: fc.oneof(data, chunks).map((text) => `PUT /l HTTP/1.1\r\nContent-Length: ${text.length}\r\n\r\n${text}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
      'FOO / HTTP/1.1\r\n\r\n',
      '\r\n',
    ),
  },
);
/** What Node does with what comes behind depends on how it is cut. */
const last = fc.constantFrom(
  '',
  'CONNECT h:1 HTTP/1.1\r\n\r\nx',
  'GET /x HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  `${CHUNKED}Upgrade: x\r\nConnection: upgrade\r\n\r\n${inBytes('abc')}${LAST}`,
);

describe('what Node makes of what arrives', () => {
  it('is the same whether a reader stands before its parser or not, however it is cut, and when its turn comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 5 }),
        last,
        fc.array(fc.nat(10_000), { maxLength: 6 }),
        fc.constantFrom(1, 2, 3, 5, Infinity),
        async (messages, last, places, every) => {
          const bytes = Buffer.from(messages.join('') + last, 'latin1');
          const load = new HttpLoad(Infinity, Infinity);
          const pieces = cut(bytes, places);
          const expected = await seenOf(pieces, () => undefined);
          const seen = await seenOf(pieces, (server) => new SocketReaders(server, turnOf(every), load), load);
          expect({ ...seen, pieces: 0 }).toEqual({ ...expected, pieces: 0 });
          expect(load.bodyBytes).toBe(0);
        },
      ),
      { numRuns: sized(5_000, 100) },
    );
  });

  it.each([1, 7, 100, 5_000])(
    'is one piece of body for chunks of a byte that are read together, of %i',
    async (length) => {
      const bytes = Buffer.from(`${CHUNKED}${CRLF}${inBytes('x'.repeat(length))}${LAST}`);
      const readers = (server: Server) => new SocketReaders(server, new SharedTurn(), new HttpLoad(Infinity, Infinity));
      for (const pieces of [[bytes], cut(bytes, [CHUNKED.length + CRLF.length])]) {
        const { requests, pieces: most } = await seenOf(pieces, readers);
        expect(requests).toMatchObject([{ body: 'x'.repeat(length), end: 'complete' }]);
        expect(most).toBe(1);
      }
    },
  );
});

describe('a connection', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  async function portOf(turn: SharedTurn, load: HttpLoad, onRequest: () => void): Promise<number> {
    server = createServer((_request, response) => {
      onRequest();
      response.end('well');
    });
    server.on('clientError', (_error, socket) => socket.destroy());
    new SocketReaders(server, turn, load);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  const GET = `GET / HTTP/1.1${CRLF}Host: x${CRLF}${CRLF}`;

  it('has its requests read little by little, and all of them, when there is little time', async () => {
    const turn = new SharedTurn();
    const held: (() => void)[] = [];
    Object.defineProperty(turn, 'isOver', { get: () => true });
    turn.hold = (goOn) => void held.push(goOn);
    const load = new HttpLoad(Infinity, Infinity);
    let requests = 0;
    const port = await portOf(turn, load, () => requests++);
    const socket = connect(port, '127.0.0.1');
    let answers = 0;
    socket.setEncoding('latin1').on('data', (piece: string) => (answers += piece.split('HTTP/1.1 200').length - 1));
    socket.write(GET.repeat(1_000));
    let turns = 0;
    while (answers < 1_000) {
      const goOn = held.shift();
      if (goOn !== undefined) {
        const before = requests;
        goOn();
        turns++;
        expect(requests - before).toBeLessThanOrEqual(1024 / GET.length + 1);
      }
      await nextTurn();
    }
    socket.destroy();
    expect(requests).toBe(1_000);
    expect(turns).toBeGreaterThanOrEqual((1_000 * GET.length) / 1024);
    expect(load.bodyBytes).toBe(0);
  });

  it('has a short request read when its turn comes, of thousands in one turn', async () => {
    const turn = new SharedTurn();
    const held: (() => void)[] = [];
    let isCrowded = false;
    Object.defineProperty(turn, 'isOver', { get: () => true });
    Object.defineProperty(turn, 'isCrowded', { get: () => isCrowded });
    turn.hold = (goOn) => void held.push(goOn);
    const load = new HttpLoad(Infinity, Infinity);
    let requests = 0;
    const port = await portOf(turn, load, () => requests++);
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(GET);
    await expect.poll(() => requests).toBe(1);
    isCrowded = true;
    socket.write(GET);
    await expect.poll(() => held.length).toBe(1);
    expect(requests).toBe(1);
    held[0]();
    await expect.poll(() => requests).toBe(2);
    socket.destroy();
  });

  it('that waits for its turn counts, is forgotten when it is reset, and closed when there is no room for what it sends', async () => {
    const turn = new SharedTurn();
    Object.defineProperty(turn, 'isOver', { get: () => true });
    turn.hold = () => undefined;
    const load = new HttpLoad(Infinity, 1_000);
    const port = await portOf(turn, load, () => expect.unreachable());
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    // A request by itself does not wait.
    socket.write(GET.repeat(3));
    await expect.poll(() => load.bodyBytes).toBe(3 * GET.length);
    const greedy = connect(port, '127.0.0.1').on('error', () => undefined);
    greedy.write(GET.repeat(100));
    await once(greedy, 'close');
    expect(load.shed.no_room).toBe(1);
    socket.resetAndDestroy();
    await expect.poll(() => load.bodyBytes).toBe(0);
  });

  it('whose body is read late has the rest read then, and others go on after it', async () => {
    const bodies: string[] = [];
    const late = createServer((request, response) => {
      const read = (): void => {
        let body = '';
        request.setEncoding('latin1').on('data', (piece: string) => (body += piece));
        request.on('end', () => {
          bodies.push(body);
          response.end('well');
        });
      };
      if (request.url === '/late') setTimeout(read, 50);
      else read();
    });
    server = late;
    const load = new HttpLoad(Infinity, Infinity);
    new SocketReaders(late, new SharedTurn(), load);
    late.listen(0, '127.0.0.1');
    await once(late, 'listening');
    const { port } = late.address() as AddressInfo;
    const post = (url: string, body: string) =>
      fetch(`http://127.0.0.1:${port}${url}`, { method: 'POST', body }).then(({ status }) => status);
    const long = 'x'.repeat(1_000_000);
    for (const url of ['/late', '/at-once', '/late'])
      expect(await Promise.all([post(url, long), post('/at-once', 'y'.repeat(5_000))])).toEqual([200, 200]);
    expect(bodies.map(({ length }) => length).sort()).toEqual([1e6, 1e6, 1e6, 5_000, 5_000, 5_000]);
    expect(load.bodyBytes).toBe(0);
  });
});
