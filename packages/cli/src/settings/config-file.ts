import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { messageOf, UsageError } from '../errors.js';
import type { Io } from '../io.js';

/** What a profile may say. */
const KEYS = ['url', 'namespace', 'token_file', 'ca_file', 'insecure', 'timeout', 'output'] as const;
type Key = (typeof KEYS)[number];

export type Profile = Readonly<Partial<Record<Key, unknown>>> & {
  /** Addresses of CBOR-RPC, which the historic configuration has. */
  readonly addresses?: readonly string[];
};

type Block = Readonly<Record<string, unknown>>;

/** The profile that is to be used; of a file that was not asked for and is not there, an empty one. @throws UsageError */
export function readProfile(path: string | undefined, name: string | undefined, { env }: Pick<Io, 'env'>): Profile {
  const usual = join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), '.config'), 'coordinate', 'config.yaml');
  const file = path ?? usual;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (path !== undefined) throw new UsageError(`the configuration cannot be read: ${messageOf(error)}`);
    if (name !== undefined) throw new UsageError(`there is no profile ${name}: there is no ${file}`);
    return {};
  }
  return profileIn(parsed(text, file), name, file);
}

function profileIn(config: Block, asked: string | undefined, file: string): Profile {
  const historic = blockOf(config.coordinate, `${file}: coordinate`);
  const profiles = blockOf(config.profiles, `${file}: profiles`);
  const name = asked ?? config.profile;
  if (name === undefined) return historic ? fromHistoric(historic) : {};
  const profile = blockOf(profiles?.[textOf(name)], `${file}: profile ${textOf(name)}`);
  if (!profile) throw new UsageError(`${file}: there is no profile ${textOf(name)}`);
  for (const key of Object.keys(profile)) {
    if (KEYS.includes(key as Key)) continue;
    throw new UsageError(`${file}: profile ${textOf(name)}: ${key} is none of ${KEYS.join(', ')}`);
  }
  return beside(profile, file);
}

/** Files that a profile names lie beside the file that it is in. */
function beside(profile: Profile, file: string): Profile {
  const at = (value: unknown): unknown => (typeof value === 'string' ? resolve(dirname(file), value) : value);
  return { ...profile, token_file: at(profile.token_file), ca_file: at(profile.ca_file) };
}

/** The block `coordinate` of the historic configuration names the CBOR-RPC of a daemon: REST is on the same machine, on its own port. */
function fromHistoric({ addresses, url, namespace }: Block): Profile {
  const list = [addresses ?? []].flat().map((address) => {
    return Array.isArray(address) ? address.map(textOf).join(':') : textOf(address);
  });
  const urls = list.map((address) => `http://${address.replace(/:\d+$/, '')}:5980`);
  return { url: url ?? (urls.length === 0 ? undefined : urls), namespace, addresses: list };
}

function parsed(text: string, file: string): Block {
  // Blocks of other programs have tags that mean nothing here: they are let be.
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error) throw new UsageError(`${file}: ${error.message}`);
  return blockOf(document.toJS(), file) ?? {};
}

function blockOf(value: unknown, where: string): Block | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as Block;
  throw new UsageError(`${where} is not a map`);
}

/** What stands in a configuration, as text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
