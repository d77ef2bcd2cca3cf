import { expect, test } from 'vitest';
import { parseBackend } from '../../src/config/backend.js';
import { stateFolder } from '../../src/config/state-folder.js';

const account = { platform: 'linux', isRoot: false, home: '/home/me' } as const;

test.each([
  ['a user on Linux', {}, account, '/home/me/.local/state/coordinate'],
  ['who keeps state elsewhere', { XDG_STATE_HOME: '/state' }, account, '/state/coordinate'],
  ['by a path that does not count', { XDG_STATE_HOME: 'state' }, account, '/home/me/.local/state/coordinate'],
  ['a systemd unit', { STATE_DIRECTORY: '/var/lib/coordinate:/var/lib/other' }, account, '/var/lib/coordinate'],
  ['root', {}, { ...account, isRoot: true }, '/var/lib/coordinate'],
  ['macOS', {}, { ...account, platform: 'darwin' as const }, '/home/me/Library/Application Support/coordinate'],
  [
    'Windows',
    { LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' },
    { ...account, platform: 'win32' as const },
    'C:\\Users\\me\\AppData\\Local\\coordinate',
  ],
])('the state folder of %s', (_, env, who, folder) => {
  expect(stateFolder(env, who)).toBe(folder);
});

test('is where embedded keeps its data unless told otherwise', () => {
  expect(parseBackend('embedded', { XDG_STATE_HOME: '/state' })).toEqual({
    kind: 'embedded',
    dir: process.platform === 'linux' ? '/state/coordinate' : stateFolder({}),
  });
});
