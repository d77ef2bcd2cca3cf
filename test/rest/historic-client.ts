import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const V1 = 'application/vnd.diffeo.coordinate.v1+json';

export type Representation = Record<string, unknown>;
/** What a template is filled in with. */
type Variables = Record<string, string | number | boolean | string[]>;

/**
 * What the REST client of the historic Go project does on the wire, and no more: it knows the address of the root, and for
 * the rest follows the links and templates of what it is given. Bodies go out in chunks of one byte; the connection is used
 * again only after an answer with a Content-Length and nothing behind it.
 */
export class HistoricClient {
  private socket: Socket | undefined;
  private received = Buffer.alloc(0);
  /** Connections made. */
  connections = 0;

  constructor(private readonly port: number) {}

  close(): void {
    this.socket?.destroy();
  }

  get(url: unknown, variables?: Variables): Promise<Representation> {
    return this.do('GET', expand(url, variables), undefined, true) as Promise<Representation>;
  }

  post(url: unknown, body: unknown, variables?: Variables): Promise<Representation> {
    return this.do('POST', expand(url, variables), body, true) as Promise<Representation>;
  }

  /** A request whose answer is of no interest, such as the actions of an attempt. */
  async tell(method: 'PUT' | 'POST' | 'DELETE', url: unknown, body?: unknown): Promise<void> {
    await this.do(method, expand(url), body, false);
  }

  delete(url: unknown, variables?: Variables): Promise<Representation> {
    return this.do('DELETE', expand(url, variables), undefined, true) as Promise<Representation>;
  }

  private async do(method: string, path: string, body: unknown, wanted: boolean): Promise<unknown> {
    const socket = (this.socket ??= await this.connect());
    let head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.port}\r\nUser-Agent: Go-http-client/1.1\r\n`;
    if (wanted) head += `Accept: ${V1}\r\n`;
    if (body !== undefined) head += `Content-Type: ${V1}\r\nTransfer-Encoding: chunked\r\n`;
    socket.write(`${head}Accept-Encoding: gzip\r\n\r\n`);
    if (body !== undefined) socket.write(byteByByte(JSON.stringify(body)), 'latin1');
    const answer = await this.read(socket);
    if (!answer.status.startsWith('2'))
      throw new HistoricError(answer.status, JSON.parse(answer.body) as Representation);
    if (!wanted || answer.body === '') return undefined;
    if (answer.headers.get('content-type') !== V1)
      throw new Error(`an answer in ${answer.headers.get('content-type')}`);
    return JSON.parse(answer.body);
  }

  private async connect(): Promise<Socket> {
    const socket = connect(this.port, '127.0.0.1');
    await once(socket, 'connect');
    this.connections++;
    socket.setNoDelay(true); // as Go does
    socket.on('data', (chunk: Buffer) => (this.received = Buffer.concat([this.received, chunk])));
    return socket;
  }

  private async read(socket: Socket): Promise<{ status: string; headers: Map<string, string>; body: string }> {
    const until = async (isThere: () => boolean): Promise<void> => {
      while (!isThere()) await once(socket, 'data');
    };
    await until(() => this.received.includes('\r\n\r\n'));
    const end = this.received.indexOf('\r\n\r\n');
    const [statusLine, ...lines] = this.received.subarray(0, end).toString('latin1').split('\r\n') as [
      string,
      ...string[],
    ];
    const headers = new Map(
      lines.map((line) => line.split(': ', 2) as [string, string]).map(([k, v]) => [k.toLowerCase(), v]),
    );
    const status = statusLine.slice('HTTP/1.1 '.length);
    const length = status.startsWith('204') ? 0 : Number(headers.get('content-length'));
    // Without a length, compressed, or with a byte behind the value, the connection could not be used again.
    if (Number.isNaN(length) || headers.has('content-encoding'))
      throw new Error(`an answer that ends nowhere: ${statusLine}`);
    await until(() => this.received.length >= end + 4 + length);
    const body = this.received.subarray(end + 4, end + 4 + length).toString('utf8');
    if (body.trim() !== body) throw new Error('an answer with space around it');
    this.received = this.received.subarray(end + 4 + length);
    if (headers.get('connection') !== 'keep-alive') throw new Error('the connection is closed');
    return { status, headers, body };
  }
}

/** A body in chunks of one byte. */
function byteByByte(body: string): string {
  return `${[...Buffer.from(body)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join('')}0\r\n\r\n`;
}

class HistoricError extends Error {
  constructor(
    status: string,
    readonly body: Representation,
  ) {
    super(`${status}: ${JSON.stringify(body)}`);
  }
}

/** Expands a template: in a path a name in the encoding of names, in a query each value by itself. */
function expand(template: unknown, variables: Variables = {}): string {
  return String(template)
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(encodeName(String(variables[name]))))
    .replace(/\{\?([^}]+)\}/g, (_, names: string) => {
      const pairs = names.split(',').flatMap((spec) => {
        const name = spec.replace('*', '');
        const value = variables[name];
        if (value === undefined) return [];
        // The names of a list go out as they are, one alone in the encoding of paths.
        const values = Array.isArray(value) ? value : [encodeName(String(value))];
        return values.map((one) => `${name}=${encodeURIComponent(one)}`);
      });
      return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
    });
}

function encodeName(name: string): string {
  if (/^[A-Za-z0-9._:][A-Za-z0-9._:-]*$/.test(name)) return name;
  return `-${Buffer.from(name, 'utf8').toString('base64url')}`;
}
