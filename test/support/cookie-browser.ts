import { request, type IncomingHttpHeaders } from 'node:http';
import { parseSetCookie } from 'cookie';

interface Seen {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** From where the request comes, as browsers say; undefined: they do not. */
  readonly site?: 'same-origin' | 'same-site' | 'cross-site' | 'none';
}

/** Keeps cookies as browsers do, by host and path, and sends them whatever it is told to say of where a request comes from. */
export class CookieBrowser {
  readonly cookies = new Map<string, { value: string; path: string; strict: boolean }>();

  /** Follows nothing. */
  async go(url: string, { method = 'GET', headers = {}, body, site = 'same-origin' }: Sent = {}): Promise<Seen> {
    const { hostname, port, pathname, search, origin } = new URL(url);
    const cookie = [...this.cookies]
      .filter(([, { path, strict }]) => pathname.startsWith(path) && !(strict && site === 'cross-site'))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const bytes = body === undefined ? undefined : JSON.stringify(body);
    const sent = {
      'sec-fetch-site': site,
      ...(method !== 'GET' && { origin }),
      ...(cookie !== '' && { cookie }),
      ...(bytes !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    const seen = await new Promise<Seen>((resolve, reject) => {
      const asking = request({ hostname, port, path: pathname + search, method, headers: sent }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
      });
      asking.on('error', reject).end(bytes);
    });
    for (const line of seen.headers['set-cookie'] ?? []) this.keep(line);
    return seen;
  }

  private keep(line: string): void {
    const { name, value = '', path = '/', maxAge, sameSite } = parseSetCookie(line);
    if (maxAge === 0) this.cookies.delete(name);
    else this.cookies.set(name, { value, path, strict: sameSite === 'strict' });
  }

  /** Another that has all that this one has: somebody who has got hold of it. */
  copy(): CookieBrowser {
    const other = new CookieBrowser();
    for (const [name, cookie] of this.cookies) other.cookies.set(name, { ...cookie });
    return other;
  }
}
