import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import { safe } from '../output/safe.js';
import type { Session } from '../session.js';
import type { Arguments } from '../table/arguments.js';
import type { Option } from '../table/command.js';
import { Screen } from './screen.js';

export const LOOKING: readonly Option[] = [
  { name: 'interval', value: 'DURATION', about: 'how often it looks; 1s where nothing is said' },
  { name: 'count', value: 'N', about: 'end after so many looks' },
];

const LEAST_MS = 100;

/**
 * Shows the same again and again: over the whole terminal, until q, or one below the other where there is none. A daemon that goes
 * away meanwhile is told of, and asked again.
 * @param look gives lines that are safe
 */
export async function looking(
  session: Session,
  args: Arguments,
  look: () => Promise<readonly string[]>,
): Promise<void> {
  const interval = Math.max(LEAST_MS, args.duration('interval') ?? 1_000);
  const most = args.count('count') ?? Infinity;
  // What is wrong from the beginning is told as with any other command.
  let lines = await look();
  const { io, out } = session;
  const screen = io.stdout.isTTY && io.stdin.isTTY ? new Screen(io) : undefined;
  try {
    for (let looks = 1; !screen?.signal.aborted; looks++) {
      if (screen) screen.show(lines);
      else {
        for (const line of lines) await out.line(line);
        await out.flush();
      }
      if (looks >= most) return;
      await sleep(interval, undefined, { signal: screen?.signal }).catch(() => undefined);
      if (screen?.signal.aborted) return;
      lines = await look().catch((error: unknown) => [`${time()}  ${safe(messageOf(error))}`, '', ...lines.slice(2)]);
    }
  } finally {
    screen?.close();
  }
}

export function time(date = new Date()): string {
  return date.toTimeString().slice(0, 8);
}
