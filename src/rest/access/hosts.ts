import { isIP } from 'node:net';

/** How many names that requests were made by are remembered, and how long they are: clients use a handful, an attacker any number. */
const REMEMBERED = 256;
const REMEMBERED_CHARS = 256;

/**
 * By which names HTTP may be asked. A page of a hostile site can have its own name lead to this machine after it was loaded, and
 * is then, for its browser, a page of this server: only the name in its requests says that it is not.
 */
export class Hosts {
  private readonly names: ReadonlySet<string>;
  private readonly known = new Set<string>();

  /** @param names - those that have a dot in them; others are nobody's who could lead them here from outside */
  constructor(names: Iterable<string>) {
    this.names = new Set([...names].map((name) => name.toLowerCase()));
  }

  /** @param host - as a request has it, with or without a port; absent: the client is no browser */
  knows(host: string | undefined): boolean {
    if (host === undefined || this.known.has(host)) return true;
    if (!this.isOurs(nameIn(host))) return false;
    if (host.length <= REMEMBERED_CHARS) {
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.add(host);
    }
    return true;
  }

  private isOurs(name: string): boolean {
    return !name.includes('.') || isIP(name) !== 0 || this.names.has(name);
  }
}

/** The name of a host, without its port and the brackets of an IPv6 address, in small letters. */
export function nameIn(host: string): string {
  const [, ipv6, name = host] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return (ipv6 ?? name).toLowerCase();
}
