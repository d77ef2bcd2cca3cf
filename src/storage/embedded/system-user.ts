import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedError } from './embedded-error.js';

/** The user that PostgreSQL runs as, where that is not the daemon's own. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** What the user is called that a daemon of root makes for its PostgreSQL. */
const NAME = 'coordinate';
/** Users that are there on most systems and own little. */
const OTHERS = ['postgres', '_postgres', 'nobody'];

const WAYS_TO_ADD: readonly (readonly [program: string, ...args: string[]])[] = [
  ['/usr/sbin/useradd', '--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', NAME],
  ['/usr/sbin/adduser', '-S', '-D', '-H', '-h', '/nonexistent', NAME],
];

/**
 * The user to run PostgreSQL as: it refuses to run as root, so that a daemon of root needs another. The owner of the data
 * where there are some, else a user of its own, which is made if it can be, else one that every system has.
 * @param onAdded - told when a user was made
 * @returns undefined: the daemon's own user
 */
export function systemUser(data: string, onAdded: (name: string) => void): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return find(NAME) ?? add(onAdded) ?? OTHERS.map(find).find(Boolean) ?? none();
}

function find(name: string): SystemUser | undefined {
  const users = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '';
  const line = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(users);
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : undefined;
}

function add(onAdded: (name: string) => void): SystemUser | undefined {
  const way = WAYS_TO_ADD.find(([program]) => existsSync(program));
  if (way === undefined) return undefined;
  try {
    execFileSync(way[0], way.slice(1), { stdio: 'ignore', cwd: '/' });
  } catch {
    // Another daemon has made it at this moment, or it can not be made.
    return find(NAME);
  }
  const user = find(NAME);
  if (user !== undefined) onAdded(NAME);
  return user;
}

function none(): never {
  throw new EmbeddedError(`PostgreSQL can not run as root, and no other user could be found: add one named ${NAME}`);
}

/** Whether a user may go into a folder and all folders above it, as their modes say. */
export function canEnter(folder: string, user: SystemUser): boolean {
  const { mode, uid, gid } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  const above = dirname(folder);
  return (mode & bit) !== 0 && (above === folder || canEnter(above, user));
}
