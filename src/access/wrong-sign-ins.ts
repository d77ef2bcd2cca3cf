import { isIPv6 } from 'node:net';

/** So many wrong sign-ins a minute does an address have, before it is told to wait. */
const MOST_WRONG = 10;
const WINDOW_MS = 60_000;
/** The longest wait, in milliseconds. Who has not been wrong for that long begins anew. */
const LONGEST_MS = 60 * 60_000;
/** Addresses that are remembered; beyond it those are forgotten that came first. */
const MOST_ADDRESSES = 10_000;

/** What whoever was wrong is told. */
export interface Wait {
  /** How long it is to wait, in whole seconds; 0: it may try again at once. */
  readonly seconds: number;
  /** Whether it had not been told before. */
  readonly isNew: boolean;
}

const NO_WAIT: Wait = { seconds: 0, isNew: true };

interface Wrong {
  /** Since when it is counted, and how often it was wrong since then. */
  since: number;
  count: number;
  /** Until when it is told to wait, and how often it was before. */
  until: number;
  waits: number;
}

/**
 * Counts wrong sign-ins by address, of IPv6 by /64, which is what one machine has. Who is wrong too often is told to wait,
 * twice as long each time. It is for those alone who are wrong: a token that is known passes, so that nobody can
 * keep others out who come from the same address.
 */
export class WrongSignIns {
  private readonly wrong = new Map<string, Wrong>();

  /** @param clock tells milliseconds */
  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** An address was wrong. */
  note(address: string): Wait {
    const now = this.clock();
    const wrong = this.of(originOf(address), now);
    if (now < wrong.until) return { seconds: Math.ceil((wrong.until - now) / 1000), isNew: false };
    if (now - wrong.since >= WINDOW_MS) {
      wrong.since = now;
      wrong.count = 0;
    }
    wrong.count++;
    if (wrong.count <= MOST_WRONG) return NO_WAIT;
    const wait = Math.min(WINDOW_MS * 2 ** wrong.waits, LONGEST_MS);
    wrong.waits++;
    wrong.until = now + wait;
    wrong.count = 0;
    return { seconds: Math.ceil(wait / 1000), isNew: true };
  }

  private of(origin: string, now: number): Wrong {
    const known = this.wrong.get(origin);
    if (known && now - Math.max(known.since, known.until) < LONGEST_MS) return known;
    if (!known && this.wrong.size >= MOST_ADDRESSES) this.wrong.delete(this.wrong.keys().next().value!);
    const wrong = { since: now, count: 0, until: 0, waits: 0 };
    this.wrong.set(origin, wrong);
    return wrong;
  }
}

/** What counts as one: an IPv4 address, however it is written, or the first half of an IPv6 one. */
export function originOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const plain = address.split('%', 1)[0];
  if (!isIPv6(plain)) return address;
  const [front, back] = plain.split('::');
  const groups = front === '' ? [] : front.split(':');
  if (back !== undefined) {
    const rest = back === '' ? [] : back.split(':');
    // What an IPv4 address stands for at the end is two groups.
    const taken = groups.length + rest.length + (back.includes('.') ? 1 : 0);
    for (let missing = 8 - taken; missing > 0; missing--) groups.push('0');
    groups.push(...rest);
  }
  return groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}
