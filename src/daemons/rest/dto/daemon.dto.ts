import type { DaemonSign } from '../../../domain/daemon.js';
import { always, listOf, moment, plainJson, Representation, sometimes } from '../../../rest/schema/representation.js';
import { formatTime } from '../../../rest/time.js';

const text = (example: string) => ({ type: 'string', example }) as const;
const quoted = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

const DAEMON = new Representation<DaemonSign>(
  'Daemon',
  {
    id: always(text('5d0cf2a81b3e'), 'Made up when its process began.', ({ id }) => JSON.stringify(id)),
    version: always(text('0.1.0'), 'Its version.', ({ version }) => JSON.stringify(version)),
    migration: sometimes(
      text('DaemonSigns1790000000014'),
      'The newest change of the tables that it knows; absent where there are none, or from a version that does not say so.',
      ({ migration }) => quoted(migration),
    ),
    host: sometimes(text('queue-1'), 'The name of its machine, from versions that say so.', ({ host }) => quoted(host)),
    pid: sometimes(
      { type: 'integer', format: 'int64', minimum: 0, example: 4711 },
      'Its process there, from versions that say so.',
      ({ pid }) => (pid === undefined ? undefined : String(pid)),
    ),
    opened_at: always(moment(), 'When it opened the storage.', ({ since }) => plainJson(formatTime(since))),
    last_sign_at: sometimes(
      moment(),
      "Its last sign of life, by the storage's clock; absent from a version that gives none.",
      ({ seen }) => (seen === undefined ? undefined : plainJson(formatTime(seen))),
    ),
  },
  { description: 'A daemon that has the storage open.' },
);

export const DAEMON_LIST = new Representation<readonly DaemonSign[]>(
  'DaemonList',
  { daemons: listOf('The daemons, by their last signs of life.', DAEMON, (daemons) => daemons) },
  { description: 'The daemons on one storage.' },
);

export const DAEMON_LIST_EXAMPLE = {
  daemons: [
    {
      id: '5d0cf2a81b3e',
      version: '0.1.0',
      migration: 'DaemonSigns1790000000014',
      host: 'queue-1',
      pid: 4711,
      opened_at: '2026-01-01T15:04:05Z',
      last_sign_at: '2026-01-02T15:04:05Z',
    },
  ],
};
