import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DirectoryLock, isLockFile } from './directory-lock.js';
import { EmbeddedError, reasonOf } from './embedded-error.js';
import type { SystemUser } from './system-user.js';
import { canEnter, systemUser } from './system-user.js';

/** Says that a folder is ours, and where its data are. */
const MARKER = 'coordinate.json';
const LAYOUT = 1;
/** Where the data are kept of a folder that PostgreSQL's user can't enter, such as one below /root. */
const ELSEWHERE = '/var/lib/coordinate-elsewhere';
/** What a folder may hold and still be empty: the root of a file system has it. */
const IGNORED = new Set(['lost+found', `${MARKER}.part`]);

/** Where everything lies that an embedded PostgreSQL needs. */
export interface StateFolder {
  /** The folder that the user named. */
  readonly dir: string;
  /** The data of PostgreSQL; not there before the first start. */
  readonly data: string;
  /** Its socket. */
  readonly run: string;
  /** Copies of its programs, where those can't be run as they lie. */
  readonly programs: string;
  /** The file of its password. */
  readonly password: string;
  /** Whom PostgreSQL runs as, where it is not the daemon's own user. */
  readonly user: SystemUser | undefined;
}

/**
 * Takes a folder for this process, making it if need be, until the lock is released.
 * @param notice - told in a line what was done outside of the folder
 * @throws EmbeddedError when another daemon has it, when it is not ours or when it can't be used
 */
export async function openStateFolder(
  named: string,
  notice: (line: string) => void,
): Promise<{ folder: StateFolder; lock: DirectoryLock }> {
  const dir = resolve(named);
  try {
    if (makeFolder(dir)) chmodSync(dir, 0o700);
    refuseForeign(dir);
  } catch (error) {
    throw inWords(dir, error);
  }
  let lock: DirectoryLock | undefined;
  try {
    lock = await DirectoryLock.acquire(dir);
  } catch (error) {
    throw inWords(dir, error);
  }
  if (lock === undefined) throw new EmbeddedError(`another daemon uses ${dir}`);
  try {
    return { folder: prepare(dir, notice), lock };
  } catch (error) {
    await lock.release();
    throw inWords(dir, error);
  }
}

/** The folder of a PostgreSQL that another process runs. @throws EmbeddedError when it is none of ours */
export function knownStateFolder(named: string): StateFolder | undefined {
  const dir = resolve(named);
  try {
    const home = existsSync(join(dir, MARKER)) ? homeIn(dir) : undefined;
    return home === undefined ? undefined : { ...placesIn(dir, home), user: undefined };
  } catch (error) {
    throw inWords(dir, error);
  }
}

/**
 * Makes a folder and those above it. Not by Node's recursive mkdir, which tries for ever where a folder that is there can
 * hold no other, as /proc.
 * @returns whether it was not there
 */
function makeFolder(dir: string): boolean {
  const parent = dirname(dir);
  if (parent !== dir && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function inWords(dir: string, error: unknown): EmbeddedError {
  if (error instanceof EmbeddedError) return error;
  return new EmbeddedError(`${dir} can not be used: ${reasonOf(error)}`, { cause: error });
}

function refuseForeign(dir: string): void {
  const names = readdirSync(dir).filter((name) => !isLockFile(name) && !IGNORED.has(name));
  if (names.length === 0 || names.includes(MARKER)) return;
  throw new EmbeddedError(`${dir} is not empty and holds no storage of Coordinate: name an empty folder or a new one`);
}

/** What an earlier start left, or else a new place. */
function prepare(dir: string, notice: (line: string) => void): StateFolder {
  const onAdded = (name: string): void => notice(`made the system user ${name} to run PostgreSQL as`);
  const isNew = !existsSync(join(dir, MARKER));
  let home = isNew ? dir : homeIn(dir);
  const user = systemUser(join(home, 'data'), onAdded);
  if (isNew) {
    if (user && statSync(dir).uid === process.getuid!()) chmodSync(dir, 0o711);
    if (user && !canEnter(dir, user)) home = newHomeElsewhere();
    write(
      join(dir, MARKER),
      `${JSON.stringify({ storage: 'Coordinate, embedded PostgreSQL', layout: LAYOUT, home })}\n`,
    );
  }
  if (home !== dir) notice(`the data of ${dir} are in ${home}, for PostgreSQL's user can not enter ${dir}`);
  if (user && !canEnter(home, user))
    throw new EmbeddedError(`the user of PostgreSQL (${user.uid}) can not enter ${home}`);
  const places = placesIn(dir, home);
  const owner = statSync(places.data, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== (user?.uid ?? process.getuid?.() ?? owner)) {
    throw new EmbeddedError(
      `${places.data} belongs to another user (${owner}): start the daemon as that user, or as root`,
    );
  }
  mkdirSync(places.run, { recursive: true, mode: 0o700 });
  if (!existsSync(places.password)) write(places.password, `${randomBytes(24).toString('base64url')}\n`);
  if (user) for (const path of [places.run, places.password]) chownSync(path, user.uid, user.gid);
  return { ...places, user };
}

function placesIn(dir: string, home: string): Omit<StateFolder, 'user'> {
  return {
    dir,
    data: join(home, 'data'),
    run: join(home, 'run'),
    programs: join(home, 'programs'),
    password: join(home, 'password'),
  };
}

function homeIn(dir: string): string {
  const { layout, home } = JSON.parse(readFileSync(join(dir, MARKER), 'utf8')) as { layout: number; home: string };
  if (layout !== LAYOUT)
    throw new EmbeddedError(`${dir} was made by a later version of Coordinate: start that version`);
  // A folder that was moved as a whole is as good as before.
  if (!home.startsWith(`${ELSEWHERE}/`)) return dir;
  if (!existsSync(home)) throw new EmbeddedError(`the data of ${dir} were in ${home}, which is gone`);
  return home;
}

function newHomeElsewhere(): string {
  const home = join(ELSEWHERE, randomBytes(8).toString('hex'));
  mkdirSync(home, { recursive: true });
  for (const path of [ELSEWHERE, home]) chmodSync(path, 0o711);
  return home;
}

/** Writes a file that only its owner may read, whole or not at all. */
function write(path: string, text: string): void {
  const part = `${path}.part`;
  writeFileSync(part, text, { mode: 0o600, flush: true });
  renameSync(part, path);
}
