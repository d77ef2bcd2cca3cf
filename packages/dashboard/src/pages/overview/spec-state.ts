import type { WorkSpecOverview } from 'coordinate-client';
import type { Tone } from '../../components/Badge.js';
import type { IconName } from '../../components/Icon.js';

/** How a work spec is doing, in a word. */
export type SpecState =
  'failing' | 'starving' | 'paused' | 'limited' | 'blocked' | 'waiting' | 'running' | 'delayed' | 'done' | 'empty';

/** In the order in which somebody should look. */
export const STATES: Readonly<Record<SpecState, { tone: Tone; icon: IconName; title: string }>> = {
  failing: { tone: 'failed', icon: 'alert', title: 'More than a tenth of what ended in the last five minutes failed' },
  starving: { tone: 'warn', icon: 'alert', title: 'There is work, and nobody has taken any for five minutes' },
  paused: { tone: 'warn', icon: 'pause', title: 'Nothing of it is handed out' },
  limited: {
    tone: 'pending',
    icon: 'limit',
    title: 'As much is being worked on as max_running or its rate limit lets',
  },
  blocked: { tone: 'delayed', icon: 'wait', title: 'It comes after others, which have work left' },
  waiting: { tone: 'available', icon: 'wait', title: 'There is work for whoever asks for some' },
  running: { tone: 'pending', icon: 'play', title: 'It is being worked on' },
  delayed: { tone: 'delayed', icon: 'clock', title: 'What is left may not be done yet' },
  done: { tone: 'finished', icon: 'check', title: 'Nothing is left to do' },
  empty: { tone: 'calm', icon: 'limit', title: 'It has no units' },
};

const ORDER = Object.keys(STATES) as SpecState[];

export function rankOf(state: SpecState): number {
  return ORDER.indexOf(state);
}

export function isState(text: string | undefined): text is SpecState {
  return text !== undefined && Object.hasOwn(STATES, text);
}

/** From which part of what ended on that is failing. */
const FAILING = 0.1;

/** So long nobody has taken anything of what starves, in milliseconds. */
const STARVING_MS = 300_000;

export function stateOf({
  paused,
  counts,
  rates,
  meta,
  workers,
  oldestAvailable,
  ...held
}: WorkSpecOverview): SpecState {
  const { available, pending, delayed, finished, failed } = counts;
  if (paused) return 'paused';
  const { last5Minutes } = rates;
  const ended = last5Minutes.finished + last5Minutes.failed;
  if (ended > 0 && last5Minutes.failed > ended * FAILING) return 'failing';
  if (available > 0 && held.waitingFor.length > 0) return 'blocked';
  const isFull = meta.maxRunning > 0 && pending >= meta.maxRunning;
  if (available > 0 && (isFull || (held.limitedUntil?.getTime() ?? 0) > Date.now())) return 'limited';
  if (available > 0 && workers === 0 && rates.lastMinute.claimed === 0) {
    const hasWaited = oldestAvailable !== undefined && Date.now() - oldestAvailable.getTime() > STARVING_MS;
    return hasWaited && last5Minutes.claimed === 0 ? 'starving' : 'waiting';
  }
  if (available > 0 || pending > 0) return 'running';
  if (delayed > 0) return 'delayed';
  return finished + failed > 0 ? 'done' : 'empty';
}
