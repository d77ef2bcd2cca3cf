import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KnownCaller } from 'coordinate-daemon/plugin';
import type { Key } from './keys.js';

/** `signed.KEY.SECONDS.HEX`: by which key, when, and the HMAC. */
const SIGNATURE = /^signed\.([\w-]+)\.(\d{1,12})\.([\da-f]{64})$/;
/** How far a signature may be from now, in seconds: for so long it is of use to whoever has seen it. */
const SKEW_SECONDS = 60;
/** For how long a connection is believed that has signed once, in seconds. */
const CONNECTION_SECONDS = 3600;

/** Checks signatures: HMAC-SHA256 over what is asked, a line feed, and the Unix seconds. Bodies are not signed: use TLS. */
export class Signatures {
  constructor(
    private readonly keys: ReadonlyMap<string, Key>,
    private readonly now: () => number = () => Date.now() / 1000,
  ) {}

  /** @param signature - undefined, or anything: what is none is for others to know @param what - is signed */
  check(signature: unknown, what: string): KnownCaller | 'wrong' | undefined {
    if (typeof signature !== 'string' || !signature.startsWith('signed.')) return undefined;
    const [, name = '', seconds = '', hex = ''] = SIGNATURE.exec(signature) ?? [];
    const key = this.keys.get(name);
    if (key === undefined || Math.abs(Number(seconds) - this.now()) > SKEW_SECONDS) return 'wrong';
    const right = createHmac('sha256', key.secret).update(`${what}\n${seconds}`).digest();
    if (!timingSafeEqual(right, Buffer.from(hex, 'hex'))) return 'wrong';
    return { name, rights: key.rights, expires: new Date((Number(seconds) + CONNECTION_SECONDS) * 1000) };
  }
}
