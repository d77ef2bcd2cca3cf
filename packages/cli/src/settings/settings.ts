import { readFileSync } from 'node:fs';
import { messageOf, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { type Form, FORMS } from '../output/output.js';
import { Arguments } from '../table/arguments.js';
import { readProfile, textOf } from './config-file.js';

/** Where a command works, as whom, and how it shows what it finds. */
export interface Settings {
  readonly urls: readonly string[];
  readonly namespace: string;
  readonly token: string | undefined;
  readonly ca: string | undefined;
  readonly insecure: boolean;
  /** Milliseconds; absent: that of the command. */
  readonly timeout: number | undefined;
  readonly output: Form;
  /** `HOST:PORT` of CBOR-RPC, as far as it is known. */
  readonly rpcAddresses: readonly string[];
  readonly yes: boolean;
}

const URL = 'http://127.0.0.1:5980';

/** A flag, else the environment, else the profile. @param form that of the command where nothing is said @throws UsageError */
export function settingsOf(args: Arguments, io: Pick<Io, 'env'>, form: Form = 'table'): Settings {
  const env = (name: string): string | undefined => io.env[`COORDINATE_${name}`] || undefined;
  const profile = readProfile(args.text('config') ?? env('CONFIG'), args.text('profile') ?? env('PROFILE'), io);
  const said = (flag: string, name: string, value: unknown): string | undefined =>
    args.text(flag) ?? env(name) ?? (value === undefined || value === null ? undefined : textOf(value));
  const urls = [args.list('url'), env('URL')?.split(/[\s,]+/) ?? [], [profile.url ?? []].flat().map(textOf), [URL]];
  const timeout = said('timeout', 'TIMEOUT', profile.timeout);
  return {
    urls: urls.find((list) => list.length > 0)!,
    namespace: said('namespace', 'NAMESPACE', profile.namespace) ?? '',
    token: tokenOf(args.text('token-file'), env('TOKEN'), env('TOKEN_FILE'), profile.token_file),
    ca: fileText('the certificates', said('ca-file', 'CA_FILE', profile.ca_file)),
    insecure: args.has('insecure') || profile.insecure === true,
    timeout: new Arguments({ timeout }, []).duration('timeout'),
    output: formOf(args, said('output', 'OUTPUT', profile.output) ?? form),
    rpcAddresses: profile.addresses ?? [],
    yes: args.has('yes'),
  };
}

function formOf(args: Arguments, said: string): Form {
  if (args.text('output') === undefined) {
    if (args.has('json')) return 'json';
    if (args.has('yaml')) return 'yaml';
    if (args.has('text')) return 'table';
  }
  const form = FORMS.find((one) => one === said);
  if (!form) throw new UsageError(`the output is one of ${FORMS.join(', ')}: ${said}`);
  return form;
}

/** A token is never given on the command line, where whoever is on the machine reads it. */
function tokenOf(flag?: string, token?: string, file?: string, profile?: unknown): string | undefined {
  if (flag === undefined && token !== undefined) return token;
  const text = fileText('the token', flag ?? file ?? (profile === undefined ? undefined : textOf(profile)))?.trim();
  if (text === '') throw new UsageError('the file of the token is empty');
  return text;
}

function fileText(what: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${what} cannot be read: ${messageOf(error)}`);
  }
}
