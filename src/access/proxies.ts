import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { Networks } from './networks.js';

export interface ProxyOptions {
  /** Networks of the proxies that are believed, as `Networks` takes them. */
  readonly trustedProxies: readonly string[];
  /** What paths begin with for whoever is before the proxies, such as `/coordinate`; '': nothing. */
  readonly basePath: string;
}

/** An HTTP request, as far as it says where it came from. */
interface Forwarded {
  readonly socket: { readonly remoteAddress?: string; readonly encrypted?: boolean };
  readonly headers: IncomingHttpHeaders;
}

/** So much of a header is looked at, from its end, in chars: a client can have sent any amount of it. */
const LOOKED_AT = 4096;
/** What a prefix may look like: an answer says it again, and an address of another host would be one, too. */
const PREFIX = /^(?:\/[\w.~-]+)+$/;

/**
 * What proxies in front of the daemon say of a request: from whom it came, and what for. Believed of proxies that are named; anybody
 * could send such headers.
 */
export class Proxies {
  private readonly trusted: Networks | undefined;
  private readonly basePath: string;

  constructor({ trustedProxies, basePath }: ProxyOptions = { trustedProxies: [], basePath: '' }) {
    if (trustedProxies.length > 0) this.trusted = new Networks(trustedProxies);
    this.basePath = basePath;
  }

  /** The address of the machine that sent the request first: the last before the proxies that are believed. */
  clientOf(request: Forwarded): string {
    const { remoteAddress = '-' } = request.socket;
    if (!this.believes(request)) return remoteAddress;
    let client = remoteAddress;
    const hops = (textOf(request, 'x-forwarded-for') ?? '').slice(-LOOKED_AT).split(',');
    for (let hop = hops.pop(); hop !== undefined; hop = hops.pop()) {
      const address = addressIn(hop.trim());
      if (address === undefined) return client;
      client = address;
      if (!this.trusted!.has(address)) return client;
    }
    return client;
  }

  /** By which name it was made, with its port where that is not the usual one. */
  hostOf(request: Forwarded): string | undefined {
    return this.said(request, 'x-forwarded-host') ?? request.headers.host;
  }

  /** Whether it came encrypted to this daemon, or to a proxy. */
  isSecure(request: Forwarded): boolean {
    return (this.said(request, 'x-forwarded-proto') ?? (request.socket.encrypted ? 'https' : 'http')) === 'https';
  }

  /** What the links in the answer begin with. */
  basePathOf(request: Forwarded): string {
    if (this.basePath !== '') return this.basePath;
    const prefix = this.said(request, 'x-forwarded-prefix')?.replace(/\/$/, '');
    return prefix !== undefined && PREFIX.test(prefix) && !/\/\.\.?(\/|$)/.test(prefix) ? prefix : '';
  }

  /** A path as routes have it. A proxy may take the base path away, or not. */
  pathIn(url: string): string {
    const { basePath } = this;
    if (basePath === '' || !url.startsWith(basePath)) return url;
    const rest = url.slice(basePath.length);
    return rest === '' ? '/' : rest.startsWith('/') ? rest : rest.startsWith('?') ? `/${rest}` : url;
  }

  /** The last of what is in a header: a proxy adds its own behind what it was sent. */
  private said(request: Forwarded, header: string): string | undefined {
    if (!this.believes(request)) return undefined;
    const text = textOf(request, header);
    return text?.slice(text.lastIndexOf(',') + 1).trim() || undefined;
  }

  private believes({ socket }: Forwarded): boolean {
    return this.trusted !== undefined && socket.remoteAddress !== undefined && this.trusted.has(socket.remoteAddress);
  }
}

function textOf({ headers }: Forwarded, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** The address in what some proxies write with a port. */
function addressIn(hop: string): string | undefined {
  if (isIP(hop) !== 0) return hop;
  const [, ipv6, ipv4] = /^(?:\[([^\]]+)\](?::\d+)?|([^:]+):\d+)$/.exec(hop) ?? [];
  const address = ipv6 ?? ipv4 ?? '';
  return isIP(address) === 0 ? undefined : address;
}
