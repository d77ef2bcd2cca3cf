import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  ...['--disable-sync', '--disable-quic', '--remote-debugging-port=0', '--disable-popup-blocking'],
];

interface Shown {
  /** By which name the browser asks for the page. */
  readonly host?: string;
  readonly flags?: readonly string[];
  /** Told where the page will be, before it is asked for. */
  readonly onListening?: (port: number) => Promise<void>;
}

/** Shows a page in a browser. @returns what it says in the end, by a POST to /outcomes */
export async function outcomesOf(
  page: () => string,
  { host = '127.0.0.1', onListening, flags = [] }: Shown = {},
): Promise<unknown> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await onListening?.(port);
  const outcomes = new Promise<unknown>((resolve, reject) => {
    server.on('request', (request, response) => {
      response.setHeader('content-type', 'text/html').end(request.url === '/' ? page() : '');
      if (request.method === 'POST') void json(request).then(resolve, reject);
    });
  });
  try {
    return await inBrowser(`http://${host}:${port}/`, flags, outcomes);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/**
 * Shows a page under a name that leads to the page at first, and from then on to another port of this machine, as that of a hostile
 * site does that has its name lead elsewhere. @returns what the page says in the end, by a POST to a port of its own
 */
export async function outcomesAfterRebinding(page: (outcomesPort: number) => string, port: number): Promise<unknown> {
  const name = 'rebound.example';
  const said = createServer().listen(0, '127.0.0.1');
  await once(said, 'listening');
  const outcomes = new Promise<unknown>((resolve, reject) => {
    said.on('request', (request, response) => {
      response.setHeader('access-control-allow-origin', '*').end();
      if (request.method === 'POST') void json(request).then(resolve, reject);
    });
  });
  let isShown = false;
  const sockets = new Set<Socket>();
  const own = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    // Browsers open connections that they may need before they need them.
    socket.once('data', (first: Buffer) => {
      if (isShown) {
        const beyond = connect(port, '127.0.0.1').on('error', () => socket.destroy());
        sockets.add(beyond);
        beyond.write(first);
        socket.pipe(beyond).pipe(socket);
        return;
      }
      isShown = true;
      const text = page((said.address() as AddressInfo).port);
      const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
      socket.end(`${head}\r\n\r\n${text}`);
    });
  }).listen(0, '127.0.0.1');
  await once(own, 'listening');
  const flags = [`--host-resolver-rules=MAP ${name} 127.0.0.1`];
  try {
    return await inBrowser(`http://${name}:${(own.address() as AddressInfo).port}/`, flags, outcomes);
  } finally {
    for (const socket of sockets) socket.destroy();
    own.close();
    said.close();
    said.closeAllConnections();
  }
}

async function inBrowser(url: string, flags: readonly string[], outcomes: Promise<unknown>): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), 'coordinate-browser-'));
  const all = [...FLAGS, ...flags, `--user-data-dir=${profile}`, url];
  const browser = spawn(process.env.CHROMIUM ?? 'chromium', all, { stdio: 'ignore', detached: true });
  const ended = once(browser, 'exit');
  try {
    return await Promise.race([outcomes, ended.then(() => 'the browser ended')]);
  } finally {
    killGroup(browser);
    await ended;
    // Its other processes end a little later than the first one, and write until then.
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

/** Ends a browser with all of its processes, which are a group of their own. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
