import { hostname } from 'node:os';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OPEN } from '../../access/need.js';
import { Proxies, type ProxyOptions } from '../../access/proxies.js';
import { RestError, shorten } from '../errors/rest-error.js';
import { Hosts, nameIn } from './hosts.js';

/** What browsers are let do, and which proxies they come by. */
export interface WebOptions extends ProxyOptions {
  /** Of whose pages scripts may make requests and read the answers. */
  readonly corsOrigins: readonly string[];
  /** Names with a dot in them, besides this machine's, by which REST may be asked. */
  readonly allowedHosts: readonly string[];
  /** Whether requests are asked who makes them: a token then shows that it is no page's request. */
  readonly asksWho: boolean;
}

export const NO_WEB: WebOptions = {
  corsOrigins: [],
  allowedHosts: [],
  asksWho: false,
  trustedProxies: [],
  basePath: '',
};

/** For how long a browser need not ask again what it may send, in seconds. */
const PREFLIGHT_SECONDS = '600';

/** What pages of other origins may send and read. */
const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type, x-request-id',
  'access-control-max-age': PREFLIGHT_SECONDS,
};
const EXPOSED_HEADERS = 'allow, coordinate-warnings, location, retry-after, www-authenticate';

/** Always answered, by whatever name. */
export const HEALTH: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz']);

/**
 * Protects people's browsers from pages that would have them make requests here. Browsers say, and pages cannot help it, from
 * where a request comes (Sec-Fetch-Site, Origin) and by which name (Host); other clients say none of it but the last.
 */
export class WebRules {
  readonly proxies: Proxies;
  private readonly hosts: Hosts;
  private readonly corsOrigins: ReadonlySet<string>;
  private readonly asksWho: boolean;

  constructor(options: WebOptions = NO_WEB) {
    const { corsOrigins, allowedHosts, asksWho } = options;
    this.proxies = new Proxies(options);
    this.hosts = new Hosts([hostname(), ...allowedHosts]);
    this.corsOrigins = new Set(corsOrigins);
    this.asksWho = asksWho;
  }

  /** @throws RestError (403, 421) for what no browser is to do */
  admit(request: FastifyRequest): void {
    const { headers } = request.raw;
    const host = this.proxies.hostOf(request.raw);
    // Both: a page of another name on the machine of a trusted proxy can say what it likes of the first.
    const unknown = [host, headers.host].find((name) => !this.hosts.knows(name));
    if (unknown !== undefined && !this.isSafeByAnyName(request)) throw misdirected(unknown);
    const { origin, 'sec-fetch-site': site } = headers;
    if ((origin === undefined && site === undefined) || !changes(request)) return;
    if (origin !== undefined && this.corsOrigins.has(origin)) return;
    // What browsers say of the site is right behind a proxy, too, which may have put another name in place of its own.
    if (site === 'same-origin') return;
    if (site !== undefined && site !== 'none') throw crossSite(origin);
    if (origin !== undefined && !this.isOurs(origin, host, request)) throw crossSite(origin);
  }

  /**
   * Whether a request comes from a page of this server, or from who has typed its address: what a browser sends along by itself,
   * such as the cookie of a session, counts for those alone, and not for pages of -cors-origin either.
   */
  isOwnPage(request: FastifyRequest): boolean {
    const { method, raw } = request;
    const { origin, 'sec-fetch-site': site } = raw.headers;
    const isLook = method === 'GET' || method === 'HEAD';
    if (site !== undefined) return site === 'same-origin' || (site === 'none' && isLook);
    // Over plain HTTP, and of old, browsers do not say it of what only looks.
    if (origin === undefined) return isLook;
    return this.isOurs(origin, this.proxies.hostOf(raw), request);
  }

  /**
   * Lets scripts of -cors-origin read the answer.
   * @returns whether that was all that was asked: whether they may send a request
   */
  share({ raw: { method, headers } }: FastifyRequest, reply: FastifyReply): boolean {
    if (this.corsOrigins.size === 0) return false;
    // What is kept for one origin is not to be shown to another.
    reply.header('vary', 'origin');
    const { origin } = headers;
    if (origin === undefined || !this.corsOrigins.has(origin)) return false;
    reply.header('access-control-allow-origin', origin);
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
      reply.header('access-control-expose-headers', EXPOSED_HEADERS);
      return false;
    }
    reply.headers(PREFLIGHT_HEADERS);
    if (headers['access-control-request-private-network'] !== undefined) {
      reply.header('access-control-allow-private-network', 'true');
    }
    return true;
  }

  /** Whether an origin is this server, by the name that the request was made by. What terminates TLS before it may not be known. */
  private isOurs(origin: string, host: string | undefined, { raw }: FastifyRequest): boolean {
    const name = host?.toLowerCase();
    return origin === `https://${name}` || (origin === `http://${name}` && !this.proxies.isSecure(raw));
  }

  /** A page cannot know a token; that one is there shows nothing where none is asked for. */
  private isSafeByAnyName({ routeOptions, raw: { headers } }: FastifyRequest): boolean {
    if (HEALTH.has(routeOptions.url)) return true;
    return this.asksWho && headers.authorization !== undefined && /^bearer /i.test(headers.authorization);
  }
}

/** Whether a request comes from a browser, which may send what a page made it send. */
export function isFromBrowser({ raw: { headers } }: Pick<FastifyRequest, 'raw'>): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/** Whether a request may change something: some GETs make what they ask for. */
function changes({ method, routeOptions }: FastifyRequest): boolean {
  if (method === 'OPTIONS') return false;
  if (method !== 'GET' && method !== 'HEAD') return true;
  const needs = routeOptions.config?.needs;
  return needs !== undefined && needs !== OPEN && needs.toMake !== undefined;
}

function crossSite(origin: string | undefined): RestError {
  const whose = origin === undefined ? 'other sites' : shorten(origin);
  return new RestError(403, `nothing is changed for pages of ${whose}, which -cors-origin does not name`);
}

function misdirected(host: string): RestError {
  const name = shorten(nameIn(host));
  return new RestError(421, `this daemon does not know itself as ${JSON.stringify(name)}: -allowed-hosts can name it`);
}
