import { type Address, asksWho, type Auth, type ListenAddress, type TlsFiles } from '../config/config.js';
import { isLoopback } from '../config/values.js';
import { MILLISECOND } from '../domain/time.js';
import { bytesOfName } from '../domain/names.js';
import type { CallerEntry } from './callers-file.js';
import type { Grant } from './grants.js';
import type { Right } from './right.js';

/** Of a configuration what says who may do what. */
export interface Doors {
  readonly cborRpc: ListenAddress;
  readonly http: ListenAddress;
  readonly namespace: string;
  readonly auth: Auth;
  readonly tls: TlsFiles | undefined;
}

/** Those whom a plug-in knows. */
export interface PluggedCallers {
  readonly plugin: string;
  /** What they may do at most. */
  readonly grants: readonly Grant[];
}

/**
 * Who may do what, in words, a line for each caller and each interface.
 * @param entries - undefined: nobody is asked who they are @param plugged - in the order in which they are asked
 */
export function whoMayDoWhat(
  { cborRpc, http, namespace, auth }: Doors,
  entries: readonly CallerEntry[] | undefined,
  plugged: readonly PluggedCallers[],
): string[] {
  const lines = (entries ?? []).map(callerLine);
  const { rpcCaller, rpcAllow, rate, metricsOpen } = auth;
  if (auth.issuer !== undefined) lines.push(`tokens of ${auth.issuer.url} say who somebody is, and what they may do`);
  if (auth.openId !== undefined && http !== 'off')
    lines.push(`people sign in at ${auth.openId.issuer}, as ${auth.openId.clientId}`);
  for (const { plugin, grants } of plugged) {
    lines.push(`the plug-in ${JSON.stringify(plugin)} says who somebody is, who may at most ${mayDo(grants)}`);
  }
  if (cborRpc !== 'off') {
    const who =
      entries === undefined
        ? 'may do everything'
        : rpcCaller === undefined
          ? 'has to sign in by hello'
          : `is ${JSON.stringify(rpcCaller)} in the namespace ${JSON.stringify(namespace)}, unless it signs in by hello`;
    const from = rpcAllow.length === 0 ? '' : `, for ${rpcAllow.join(', ')} alone`;
    lines.push(`CBOR-RPC on ${shownAddress(cborRpc)}${from}: whoever reaches it ${who}`);
  }
  if (http !== 'off') {
    const who =
      entries === undefined
        ? 'whoever reaches it may do everything'
        : 'needs a token or a session, but for the documents and health';
    const metrics = entries !== undefined && metricsOpen ? '; metrics are shown to whoever asks' : '';
    lines.push(`HTTP on ${shownAddress(http)}: ${who}${metrics}`);
  }
  if (rate !== undefined) lines.push(`each caller may make ${rate.text} requests`);
  return lines;
}

/** What an operator should know of doors that other machines reach. */
export function warningsOf({ cborRpc, http, auth, tls }: Doors): string[] {
  const warnings: string[] = [];
  const isOpen = !asksWho(auth);
  for (const [door, address] of [
    ['CBOR-RPC', cborRpc],
    ['HTTP', http],
  ] as const) {
    if (address === 'off' || isLoopback(address.host)) continue;
    const at = `${door} on ${shownAddress(address)} is open to other machines`;
    const isLimited = door === 'CBOR-RPC' && auth.rpcAllow.length > 0;
    const who = isLimited ? `whoever connects from ${auth.rpcAllow.join(', ')}` : 'whoever reaches it';
    if (isOpen) warnings.push(`${at}, and ${who} may do everything: -auth-tokens asks who is calling`);
    else if (tls === undefined)
      warnings.push(`${at} and not encrypted: who can read the network reads tokens and data`);
    if (!isOpen && door === 'CBOR-RPC' && auth.rpcCaller !== undefined && !isLimited) {
      warnings.push(
        `${at}, and whoever reaches it is ${JSON.stringify(auth.rpcCaller)}: -rpc-allow says who may connect`,
      );
    }
  }
  return warnings;
}

function callerLine({ identity, tokenHash, certificate, claim, grants }: CallerEntry): string {
  const { name, workers, expires } = identity;
  const whose =
    workers === undefined
      ? ''
      : `, for workers whose names begin with ${JSON.stringify(bytesOfName(workers).utf8Slice())}`;
  const until = expires === undefined ? '' : `, until ${new Date(expires / MILLISECOND).toISOString()}`;
  const by = byWhat({ tokenHash, certificate, claim });
  return `${JSON.stringify(name)} may ${mayDo(grants)}${whose}${until}${by}`;
}

function mayDo(grants: readonly Grant[]): string {
  const what = grants.map(([namespaces, rights]) => `${listed(rights)} in ${places(namespaces)}`);
  return what.length === 0 ? 'nothing' : what.join('; ');
}

/** By what else than a token a caller is known. */
function byWhat({ tokenHash, certificate, claim }: Pick<CallerEntry, 'tokenHash' | 'certificate' | 'claim'>): string {
  if (certificate !== undefined) return `, by the certificate ${certificate}`;
  if (claim !== undefined) return `, by ${JSON.stringify(claim)} in tokens of the issuer`;
  return tokenHash === undefined ? ', without a token' : '';
}

function listed(rights: readonly Right[]): string {
  return rights.length === 0 ? 'nothing' : rights.join(', ');
}

function places(namespaces: string): string {
  if (namespaces === '*') return 'all namespaces';
  const name = JSON.stringify(namespaces.endsWith('*') ? namespaces.slice(0, -1) : namespaces);
  return namespaces.endsWith('*') ? `namespaces that begin with ${name}` : name;
}

function shownAddress({ host, port }: Address): string {
  const name = host.includes(':') ? `[${host}]` : host || 'all interfaces';
  return port === 0 ? name : `${name}:${port}`;
}
