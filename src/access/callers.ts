import type { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeJwt } from 'jose';
import { asksWho, type Auth, NO_AUTH, type OpenIdConfig } from '../config/config.js';
import { ConfigError } from '../config/errors.js';
import { checkTextName } from '../domain/names.js';
import { MILLISECOND } from '../domain/time.js';
import { Audit, type SignInDoor } from './audit.js';
import { addressOf, Caller, type CallerAddress, CallerHere } from './caller.js';
import type { Shown } from './caller-source.js';
import type { CallerSources, Said } from './caller-sources.js';
import { type CallerEntry, readCallersFile } from './callers-file.js';
import type { Claims } from './claims.js';
import { endOf, namesOf } from './certificate.js';
import { UnknownCallerError } from './errors.js';
import { EVERYBODY, type Identity, isPast, NOBODY, SIGNED_OUT, STRANGER, toldToWait } from './identity.js';
import { Issuer } from './issuer.js';
import { readSecret } from './open-id-secret.js';
import { Pace } from './pace.js';
import type { SessionBasis, SessionHolders, SignedIn } from './session.js';
import { hashOfToken } from './token.js';
import { holderIn, type TokenTable, tokenTable } from './token-table.js';
import { WrongSignIns } from './wrong-sign-ins.js';

/** What is known of whoever sends something: the machine at the other end of a socket. */
interface Sender {
  readonly remoteAddress?: string;
  /** Of one that is encrypted: the certificate that the client has shown, which is right where there is one. */
  getPeerX509Certificate?(): X509Certificate | undefined;
}

/** An HTTP request, as far as it says who makes it. */
interface Signed {
  readonly socket: Sender;
  readonly headers: IncomingHttpHeaders;
}

/** How a CBOR-RPC client says who it is. */
interface Hello {
  readonly token?: string;
  readonly namespace?: string;
}

/** The callers there are. */
interface Known {
  readonly entries: readonly CallerEntry[];
  readonly byToken: TokenTable;
  readonly byCertificate: ReadonlyMap<string, Identity>;
  /** Who says nothing over CBOR-RPC. */
  readonly plain: Identity;
}

/** Longer ones are nobody's, in characters. */
const LONGEST_TOKEN = 16 * 1024;
const BEARER = /^bearer /i;
/** What a JSON Web Token looks like. */
const SIGNED = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** Of so many callers that issuers or plug-ins know something is remembered. */
const MOST_KEPT = 10_000;

/** Finds out who makes a request. Both interfaces ask it where requests come in, and nobody asks anywhere else. */
export class Callers {
  /** Undefined: nobody is asked who they are. */
  private known: Known | undefined;
  private readonly auth: Auth;
  private readonly everybody: Identity;
  private readonly wrong = new WrongSignIns();
  /** What was said on a connection at last, and who that is: it is said with each request. */
  private said = new WeakMap<Sender, { text: string; identity: Identity }>();
  private readonly issuer: Issuer | undefined;
  /** Who holds tokens of the issuer that are right, by their hash. */
  private readonly signed = new Map<string, Identity>();
  /** Plug-ins that know callers; undefined: there are none, or they cannot be asked yet. */
  sources: CallerSources | undefined;
  /** Who makes a request by what they say. */
  private readonly vouched = new WeakMap<Signed, Identity>();
  /** What those are kept to whom they know. */
  private readonly paces = new Map<string, Pace>();
  /** Who has which session; undefined: nobody has any. */
  sessions: SessionHolders | undefined;
  /** Who that is by the certificate that was shown there. */
  private readonly shown = new WeakMap<Sender, Identity>();

  /**
   * @param namespace the one in which CBOR-RPC clients work
   * @throws ConfigError when the callers of the configuration are not right
   */
  constructor(
    private readonly namespace: string,
    auth: Partial<Auth> = NO_AUTH,
    private readonly audit = new Audit(),
  ) {
    this.auth = { ...NO_AUTH, ...auth };
    this.everybody = { ...EVERYBODY, pace: this.pace() };
    if (this.auth.openId !== undefined) readSecret(this.auth.openId);
    this.issuer = this.auth.issuer && new Issuer(this.auth.issuer);
    this.reload();
  }

  /** The files that callers are read from. */
  get files(): string[] {
    const { tokens } = this.auth;
    const ofTokens = this.known?.entries.flatMap(({ tokenFile }) => tokenFile ?? []) ?? [];
    return tokens === undefined ? [] : [tokens, ...ofTokens];
  }

  /** The callers there are; undefined: nobody is asked who they are. */
  get entries(): readonly CallerEntry[] | undefined {
    return this.known?.entries;
  }

  /** How people sign in at the issuer; undefined: they do not. */
  get openId(): OpenIdConfig | undefined {
    return this.auth.openId;
  }

  /** Whether whoever asks is shown the metrics. */
  get metricsOpen(): boolean {
    return this.auth.metricsOpen;
  }

  /** Reads the file of callers again. Who is not in it as before is over. @throws ConfigError; then all stays as it was */
  reload(): void {
    const { tokens, rpcCaller } = this.auth;
    if (tokens === undefined && rpcCaller !== undefined) {
      throw new ConfigError('-rpc-caller needs -auth-tokens, which says what it may do', 2);
    }
    if (!asksWho(this.auth)) return;
    const before = new Map(this.known?.entries.map((entry) => [entry.text, entry]));
    const read = tokens === undefined ? [] : readCallersFile(tokens);
    const entries = read.map((entry) => before.get(entry.text) ?? entry);
    const plain =
      rpcCaller === undefined ? NOBODY : entries.find(({ identity }) => identity.name === rpcCaller)?.identity;
    if (plain === undefined)
      throw new ConfigError(`-auth-tokens ${tokens}: has no caller ${rpcCaller} for -rpc-caller`, 1);
    if (plain.workers !== undefined) {
      const why = 'may act for some workers only, and CBOR-RPC clients that do not sign in say too little of theirs';
      throw new ConfigError(`-rpc-caller ${rpcCaller}: ${why}`, 1);
    }
    for (const { identity } of entries) identity.pace ??= this.pace();
    const byCertificate = new Map(
      entries.flatMap(({ certificate, identity }) => (certificate === undefined ? [] : [[certificate, identity]])),
    );
    this.known = { entries, byToken: tokenTable(entries), byCertificate, plain };
    // What the file says of claims may mean others now.
    this.signed.clear();
    if (this.issuer !== undefined) this.said = new WeakMap();
    const kept = new Set(entries);
    for (const entry of before.values()) if (!kept.has(entry)) entry.identity.isOver = true;
  }

  /** Who is at the other end of a CBOR-RPC connection. */
  ofConnection(socket: Sender): CallerHere {
    const identity =
      this.known === undefined ? this.everybody : present(this.byCertificate(socket, this.known) ?? this.known.plain);
    return new CallerHere(identity, socket.remoteAddress ?? '-', this.namespace);
  }

  /**
   * Who is at the other end of a CBOR-RPC connection that says who it is, and where it works. What it does not say stays as it
   * was; where nobody is asked, tokens are passed over.
   * @param learnt - what `learnFromHello` has found out
   * @throws UnknownCallerError, InvalidValueError
   */
  signIn({ token, namespace }: Hello, before: CallerHere, learnt?: Identity): CallerHere {
    if (namespace !== undefined) checkTextName('namespace', namespace);
    const said = token === undefined || this.known === undefined ? undefined : token;
    const identity = learnt ?? (said === undefined ? before.identity : this.holderOf(said, 'rpc', before.address));
    const caller = new CallerHere(present(identity), before.address, namespace ?? before.namespace);
    caller.mustBeKnown();
    return caller;
  }

  /**
   * Who sent an HTTP request.
   * @param from - the machine that it came from
   * @param session - the id of the session that its browser has; counts where it does not say otherwise who it is
   */
  ofRequest(request: Signed, from: CallerAddress, session?: string): Caller {
    return new Caller(this.identify(request, from, session), from);
  }

  /** Who sent an HTTP request that is about a namespace. */
  ofRequestIn(namespace: string, request: Signed, from: CallerAddress, session?: string): CallerHere {
    return new CallerHere(this.identify(request, from, session), from, namespace);
  }

  private identify(request: Signed, from: CallerAddress, session: string | undefined): Identity {
    if (this.known === undefined) return this.everybody;
    const vouched = this.sources && this.vouched.get(request);
    if (vouched !== undefined) return vouched;
    const { socket, headers } = request;
    const { authorization: text } = headers;
    if (text === undefined) {
      const holder = session === undefined ? undefined : this.sessions?.holderOf(session);
      return holder ?? this.byCertificate(socket, this.known) ?? (session === undefined ? NOBODY : SIGNED_OUT);
    }
    const before = this.said.get(socket);
    if (before?.text === text && !isPast(before.identity, Date.now() * MILLISECOND)) return before.identity;
    const token = tokenIn(text, headers);
    const address = addressOf(from);
    const identity = token === undefined ? this.stranger('rest', address) : this.holderOf(token, 'rest', address);
    if (identity.unknown === undefined && BEARER.test(text)) this.said.set(socket, { text, identity });
    return present(identity);
  }

  /**
   * Finds out who sent an HTTP request where that cannot be told at once. To be called before the caller is asked for; undefined: there
   * is nothing to wait for.
   * @throws IssuerAwayError
   */
  learnFrom({ socket, headers }: Signed, session?: string): Promise<void> | undefined {
    const { authorization: text } = headers;
    if (text === undefined && session !== undefined) return this.sessions?.learn(session);
    if (this.issuer === undefined || text === undefined || this.said.get(socket)?.text === text) return undefined;
    const token = tokenIn(text, headers);
    return token === undefined ? undefined : this.learn(token);
  }

  /**
   * Asks plug-ins who sent an HTTP request, where that is not known by what the daemon knows itself. To be called behind `learnFrom`.
   * @param shown - without the token @throws SourceFailedError
   */
  async askOf(request: Signed, shown: Omit<Shown & { door: 'rest' }, 'token'>, session?: string): Promise<void> {
    const { authorization: text } = request.headers;
    const token = text === undefined ? undefined : tokenIn(text, request.headers);
    if (this.sources === undefined || this.isKnown(request, token, session)) return;
    const identity = this.identityBy(await this.sources.ask({ ...shown, token }), 'rest', shown.address);
    if (identity !== undefined) this.vouched.set(request, identity);
  }

  /** Whether that is known without plug-ins. */
  private isKnown({ socket, headers }: Signed, token: string | undefined, session: string | undefined): boolean {
    if (token !== undefined) return this.lookUp(token) !== undefined;
    if (headers.authorization !== undefined || this.known === undefined) return false;
    const holder = session === undefined ? undefined : this.sessions?.holderOf(session);
    return (holder ?? this.byCertificate(socket, this.known)) !== undefined;
  }

  /**
   * Finds out who says hello, where that cannot be told at once. To be called before `signIn`, which is to be given what comes of it; undefined: there
   * is nothing to wait for.
   * @throws IssuerAwayError, SourceFailedError
   */
  learnFromHello({ token, namespace }: Hello, before: CallerHere): Promise<Identity | undefined> | undefined {
    const learning = token === undefined ? undefined : this.learn(token);
    const isKnown = token === undefined && before.identity.unknown === undefined;
    if (this.sources === undefined || isKnown) return learning?.then(() => undefined);
    return this.askOfHello(learning, {
      door: 'rpc',
      address: before.address,
      token,
      namespace: namespace ?? before.namespace,
    });
  }

  private async askOfHello(learning: Promise<void> | undefined, shown: Shown): Promise<Identity | undefined> {
    await learning;
    if (shown.token !== undefined && this.lookUp(shown.token) !== undefined) return undefined;
    return this.identityBy(await this.sources!.ask(shown), 'rpc', shown.address);
  }

  /** Who that is by what plug-ins say; undefined: they do not know. */
  private identityBy(said: Said, door: SignInDoor, address: string): Identity | undefined {
    if (said === undefined) return undefined;
    if (said === 'wrong') return this.stranger(door, address);
    this.audit.signedIn(door);
    return present({ ...said, pace: this.paceOf(`${said.plugin} ${said.name}`) });
  }

  /** What somebody is kept to whom a plug-in knows: the same each time. */
  private paceOf(who: string): Pace | undefined {
    if (this.auth.rate === undefined) return undefined;
    const before = this.paces.get(who);
    if (before !== undefined) return before;
    const pace = this.pace()!;
    keep(this.paces, who, pace);
    return pace;
  }

  /** Finds out who holds a token, as `learnFrom` does. @throws IssuerAwayError */
  learn(token: string): Promise<void> | undefined {
    const { issuer, known } = this;
    if (issuer === undefined || known === undefined) return undefined;
    if (token.length > LONGEST_TOKEN || !SIGNED.test(token)) return undefined;
    const hash = hashOfToken(token);
    const before = this.signed.get(hash);
    if (before !== undefined && !isPast(before, Date.now() * MILLISECOND)) return undefined;
    return issuer.holderOf(token, known.entries).then((identity) => {
      if (known !== this.known) return this.learn(token);
      if (identity === undefined) return undefined;
      identity.pace ??= this.pace();
      keep(this.signed, hash, identity);
      return undefined;
    });
  }

  /**
   * Somebody signs in to have a session by a token.
   * @throws UnknownCallerError, IssuerAwayError
   */
  async signInByToken(token: string, address: string): Promise<SignedIn> {
    await this.learn(token);
    const identity = this.holderOf(token, 'session', address);
    new Caller(identity, address).mustBeKnown();
    const hash = hashOfToken(token);
    const isOfFile = holderIn(this.known!.byToken, hash) !== undefined;
    const basis = isOfFile ? { token: hash } : { issuer: this.issuer!.url, claims: decodeJwt(token) };
    return { identity, basis };
  }

  /** Somebody has signed in at the issuer itself, which says this of them. */
  signInByClaims(claims: Claims): SignedIn {
    const basis = { issuer: this.issuer!.url, claims };
    this.audit.signedIn('session');
    return { identity: this.issuer!.identityOf(claims, this.known!.entries), basis };
  }

  /** Somebody wanted to have a session and was wrong. @returns what to say to them */
  refuseSession(address: string): UnknownCallerError {
    const { unknown, retryAfter } = this.stranger('session', address);
    return new UnknownCallerError(unknown!, retryAfter);
  }

  /**
   * Who has a session, by what it rests on, as things stand now; undefined: nobody any more.
   * @param session - with which they are over as well
   */
  bySession(basis: SessionBasis, session: Identity): Identity | undefined {
    if (this.known === undefined) return undefined;
    if ('token' in basis) {
      const holder = holderIn(this.known.byToken, basis.token);
      if (holder === undefined || isPast(holder, Date.now() * MILLISECOND)) return undefined;
      return { ...holder, bases: [holder, session] };
    }
    if (this.issuer === undefined || basis.issuer !== this.issuer.url) return undefined;
    const identity = this.issuer.identityOf(basis.claims, this.known.entries);
    return { ...identity, bases: [...identity.bases!, session], pace: this.pace() };
  }

  /** Whose certificate a client has shown; undefined: nobody's. It is looked at once on a connection. */
  private byCertificate(socket: Sender, { byCertificate }: Known): Identity | undefined {
    if (byCertificate.size === 0 || socket.getPeerX509Certificate === undefined) return undefined;
    const before = this.shown.get(socket);
    if (before !== undefined && !isPast(before, Date.now() * MILLISECOND)) return before;
    const certificate = socket.getPeerX509Certificate();
    const name = certificate && namesOf(certificate).find((one) => byCertificate.has(one));
    if (name === undefined) return undefined;
    const base = byCertificate.get(name)!;
    const identity = { ...base, expires: endOf(certificate!), bases: [base] };
    this.shown.set(socket, identity);
    return present(identity);
  }

  /** Whose token it is, where callers are known. A token that is known passes, however often others were wrong. */
  private holderOf(token: string, door: SignInDoor, address: string): Identity {
    const holder = this.lookUp(token);
    if (holder === undefined) return this.stranger(door, address);
    this.audit.signedIn(door);
    return holder;
  }

  /** Whose token it is as things stand; undefined: it is not known. */
  private lookUp(token: string): Identity | undefined {
    const hash = token.length > LONGEST_TOKEN ? '' : hashOfToken(token);
    const holder = holderIn(this.known!.byToken, hash) ?? this.signed.get(hash);
    return holder === undefined || isPast(holder, Date.now() * MILLISECOND) ? undefined : holder;
  }

  /** Somebody who says wrongly who they are. */
  private stranger(door: SignInDoor, address: string): Identity {
    const wait = this.wrong.note(address);
    this.audit.refuse(door, address, wait);
    return wait.seconds > 0 ? toldToWait(wait.seconds) : STRANGER;
  }

  private pace(): Pace | undefined {
    return this.auth.rate && new Pace(this.auth.rate);
  }
}

/** Remembers something new, in the place of the oldest where there are too many. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  const [oldest] = map.keys();
  if (map.size >= MOST_KEPT && oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}

function present(identity: Identity): Identity {
  return isPast(identity, Date.now() * MILLISECOND) ? STRANGER : identity;
}

/** The token that a request brings; as a password as well, for old tools, but not from browsers: they send it across sites. */
function tokenIn(authorization: string, headers: IncomingHttpHeaders): string | undefined {
  const [, scheme = '', rest = ''] = /^(bearer|basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return rest;
  if (scheme === '' || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return undefined;
  const pair = Buffer.from(rest, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1);
}
