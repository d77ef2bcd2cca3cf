import type { SpecState, WorkSpecOverview } from 'coordinate-client';
import { SPEC_STATES, standingOf } from 'coordinate-client';
import type { Tone } from '../../components/Badge.js';
import type { IconName } from '../../components/Icon.js';

export type { SpecState };

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
  scheduled: { tone: 'calm', icon: 'clock', title: 'Nothing is left to do until its schedule makes the next unit' },
  done: { tone: 'finished', icon: 'check', title: 'Nothing is left to do' },
  empty: { tone: 'calm', icon: 'limit', title: 'It has no units' },
};

/** Its place among the states, in the order in which somebody should look. */
export function rankOf(state: SpecState): number {
  return SPEC_STATES.indexOf(state);
}

export function isState(text: string | undefined): text is SpecState {
  return text !== undefined && Object.hasOwn(STATES, text);
}

/** The state of a work spec now: events keep what is known of it up to date. */
export function stateOf(spec: WorkSpecOverview): SpecState {
  return standingOf(spec, new Date()).state;
}
