import { sql } from '../wire/statement.js';

/** What daemons on one database say to each other goes by this channel. */
export const CHANNEL = 'coordinate_work';

export const LISTEN = sql(`LISTEN ${CHANNEL}`);

/** Says something to all daemons when the transaction commits. @param $1 the message */
export const NOTIFY = sql(`SELECT pg_catalog.pg_notify('${CHANNEL}', $1::text)`);

/** A server takes messages of fewer than 8,000 bytes; so many parts have fewer in any case. */
const MOST_PARTS = 100;

/** So many units of a work spec, in a namespace, may be had. Of whichever spec or namespace where an id is 0. */
export interface Part {
  readonly namespaceId: number;
  readonly workSpecId: number;
  readonly units: number;
}

/**
 * - `work`: there may be some; or it will fall due in `dueInMs`
 * - `stopped`: attempts in a namespace have been stopped
 * - `waiting`: somebody waits at the sender, and wants to hear of work for a while
 * - `who`: who waits is to say so
 * - `here`: nothing, but that messages arrive
 */
export type Message =
  | { readonly kind: 'work'; readonly from: string; readonly parts: readonly Part[]; readonly dueInMs: number }
  | { readonly kind: 'stopped'; readonly from: string; readonly namespace: string }
  | { readonly kind: 'waiting' | 'who' | 'here'; readonly from: string };

/** A message as text: `kind from`, of work then in how many milliseconds something is due, and its parts. */
export function workMessage(from: string, parts: readonly Part[], dueInMs = Infinity): string {
  const all = parts.length > MOST_PARTS ? [{ namespaceId: 0, workSpecId: 0, units: parts.length }] : parts;
  const texts = all.map(({ namespaceId, workSpecId, units }) => `${namespaceId}.${workSpecId}.${units}`);
  return `work ${from} ${dueInMs === Infinity ? '-' : Math.ceil(dueInMs)} ${texts.join(' ')}`.trimEnd();
}

/** Names have any characters: they go as the hexadecimal digits of their UTF-8. */
export function stopMessage(from: string, namespace: string): string {
  return `stopped ${from} ${Buffer.from(namespace).toString('hex') || '-'}`;
}

/** @returns undefined of what another version may say */
export function readMessage(text: string): Message | undefined {
  const [kind, from = '', due = '-', ...texts] = text.split(' ');
  switch (kind) {
    case 'waiting':
    case 'who':
    case 'here':
      return { kind, from };
    case 'stopped':
      return { kind, from, namespace: Buffer.from(due, 'hex').toString() };
    case 'work': {
      const parts = texts.map((part) => {
        const [namespaceId, workSpecId, units] = part.split('.').map(Number);
        return { namespaceId, workSpecId, units };
      });
      if (parts.some(({ namespaceId, workSpecId, units }) => !Number.isInteger(namespaceId + workSpecId + units))) {
        return undefined;
      }
      return { kind, from, parts, dueInMs: due === '-' ? Infinity : Number(due) };
    }
    default:
      return undefined;
  }
}
