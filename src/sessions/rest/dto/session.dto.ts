import type { Caller } from '../../../access/caller.js';
import { isEverybody } from '../../../access/identity.js';
import { RIGHTS, rightsIn } from '../../../access/right.js';
import type { Micros } from '../../../domain/time.js';
import { ObjectField, required } from '../../../rest/schema/body.js';
import { text } from '../../../rest/schema/fields.js';
import { always, link, moment, plainJson, Representation, sometimes } from '../../../rest/schema/representation.js';
import { formatTime } from '../../../rest/time.js';

/** Who makes a request, and how people sign in here. */
export interface SessionView {
  readonly caller: Caller;
  /** What the links begin with. */
  readonly basePath: string;
  /** When its session ends, if it has one. */
  readonly ends: Micros | undefined;
  /** Whether people are asked who they are. */
  readonly isAsked: boolean;
  /** Whether they sign in at the issuer. */
  readonly hasOpenId: boolean;
}

const isKnown = ({ caller }: SessionView): boolean => caller.identity.unknown === undefined;

export const SESSION = new Representation<SessionView>(
  'Session',
  {
    url: always(link('/session'), 'This document.', ({ basePath }) => plainJson(`${basePath}/session`)),
    asks: always(
      { type: 'boolean', example: true },
      'Whether it is asked who makes a request. Where it is not, everybody may do everything, and nobody signs in.',
      ({ isAsked }) => String(isAsked),
    ),
    known: always({ type: 'boolean', example: true }, 'Whether it is known who makes this one.', (view) =>
      String(isKnown(view) && !isEverybody(view.caller.identity)),
    ),
    caller: sometimes({ type: 'string', example: 'ann' }, 'Who that is, as the log has it.', (view) =>
      isKnown(view) ? JSON.stringify(view.caller.name) : undefined,
    ),
    shown_as: sometimes({ type: 'string', example: 'Ann Example' }, 'What people call them.', ({ caller }) =>
      caller.identity.shownAs === undefined ? undefined : JSON.stringify(caller.identity.shownAs),
    ),
    reason: sometimes({ type: 'string', example: 'sign in first' }, 'Why it is not known.', ({ caller }) =>
      caller.identity.unknown === undefined ? undefined : JSON.stringify(caller.identity.unknown),
    ),
    rights: always(
      {
        type: 'object',
        additionalProperties: { type: 'array', items: { type: 'string', enum: RIGHTS } },
        example: { demo: ['read', 'submit'], 'team-*': ['read'] },
      },
      'What they may do, by names of namespaces: with `*` at the end for all that begin so; what fits adds up.',
      ({ caller }) =>
        JSON.stringify(
          Object.fromEntries(caller.rights.granted.map(([namespaces, rights]) => [namespaces, rightsIn(rights)])),
        ),
    ),
    ends_at: sometimes(moment(), 'When their session ends, if they have one.', ({ ends }) =>
      ends === undefined ? undefined : plainJson(formatTime(ends)),
    ),
    takes_tokens: always({ type: 'boolean', example: true }, 'Whether a token begins a session.', ({ isAsked }) =>
      String(isAsked),
    ),
    sign_in_url: sometimes(
      link('/session/sign-in'),
      'Where a browser is led to sign in at the issuer, if people do.',
      ({ basePath, hasOpenId }) => (hasOpenId ? plainJson(`${basePath}/session/sign-in`) : undefined),
    ),
  },
  { description: 'Who makes the request, what they may do, and how people sign in.' },
);

export const SESSION_EXAMPLE = {
  url: '/session',
  asks: true,
  known: true,
  caller: 'ann',
  rights: { demo: ['read', 'submit'] },
  ends_at: '2026-01-02T15:04:05Z',
  takes_tokens: true,
  sign_in_url: '/session/sign-in',
};

export const NEW_SESSION = new ObjectField(
  'NewSession',
  { token: required(text('coord_…'), 'A token of coordinated token, or one that the issuer has signed.') },
  { description: 'What to begin a session by.' },
);
