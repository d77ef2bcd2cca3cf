import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import type { Environment } from './environment.js';

/** Whose folder it is. */
export interface Account {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly home: string;
}

/** The folder in which programs of this user keep what they have to remember, with a part of our own. */
export function stateFolder(env: Environment, account: Account = ownAccount(env)): string {
  const { platform, isRoot, home } = account;
  if (platform === 'win32') {
    return win32.join(env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), 'coordinate');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'coordinate');
  // Of a systemd unit with StateDirectory=, one path or several.
  const [ofService] = env.STATE_DIRECTORY?.split(':') ?? [];
  if (ofService?.startsWith('/')) return ofService;
  // A relative path is to be ignored, says the specification of these variables.
  if (env.XDG_STATE_HOME?.startsWith('/')) return posix.join(env.XDG_STATE_HOME, 'coordinate');
  return isRoot ? '/var/lib/coordinate' : posix.join(home, '.local', 'state', 'coordinate');
}

function ownAccount(env: Environment): Account {
  return { platform: process.platform, isRoot: process.getuid?.() === 0, home: env.HOME || homedir() };
}
