import { Logger } from '@nestjs/common';
import type { Configuration, CustomFetch } from 'openid-client';
import type { Claims } from '../access/claims.js';
import { readSecret } from '../access/open-id-secret.js';
import type { OpenIdConfig } from '../config/config.js';

/** How long the issuer may take to answer, in seconds. */
const ANSWER_SECONDS = 5;
/** How long what it says of itself is used, in milliseconds, and so is the secret. */
const FRESH_MS = 10 * 60_000;
/** So much may a session have of what the issuer says of somebody, in characters. */
const MOST_CLAIMS = 16 * 1024;

/** The issuer cannot be asked now. */
export class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError';
}

/** Somebody has not signed in: what came back from the issuer is not right, or it says so. The message has no secret in it. */
export class SignInFailedError extends Error {
  override readonly name = 'SignInFailedError';
}

/** What is known of somebody who is away to sign in. Their browser has it meanwhile. */
export interface Journey {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

type Client = typeof import('openid-client');

/** Signing in at the issuer by OpenID Connect: authorization code flow with PKCE. */
export class OpenId {
  private readonly logger = new Logger('access');
  private known: { readonly configuration: Configuration; readonly at: number } | undefined;
  private discovering: Promise<Configuration> | undefined;

  constructor(private readonly config: OpenIdConfig) {}

  /**
   * Somebody is to go to the issuer.
   * @param redirectUri - where they come back to @throws IssuerUnreachableError
   */
  async begin(redirectUri: string): Promise<{ readonly url: string; readonly journey: Journey }> {
    const client = await import('openid-client');
    const configuration = await this.discover(client);
    const journey = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.config.scopes,
      state: journey.state,
      nonce: journey.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(journey.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, journey };
  }

  /**
   * Somebody has come back.
   * @param url - where to, with all that the issuer says in it
   * @returns what it says of them @throws SignInFailedError, IssuerUnreachableError
   */
  async finish(url: URL, { state, nonce, verifier }: Journey): Promise<Claims> {
    const client = await import('openid-client');
    const configuration = await this.discover(client);
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    try {
      const tokens = await client.authorizationCodeGrant(configuration, url, checks);
      const own: Claims = { ...tokens.claims()! };
      if (configuration.serverMetadata().userinfo_endpoint === undefined) return bounded(own);
      // Many issuers say who somebody is in the one and what they belong to in the other.
      const more = await client.fetchUserInfo(configuration, tokens.access_token, own.sub as string);
      return bounded({ ...more, ...own });
    } catch (error) {
      throw this.reasonOf(error);
    }
  }

  private discover(client: Client): Promise<Configuration> {
    if (this.known !== undefined && performance.now() - this.known.at < FRESH_MS) {
      return Promise.resolve(this.known.configuration);
    }
    return (this.discovering ??= this.look(client).finally(() => (this.discovering = undefined)));
  }

  private async look(client: Client): Promise<Configuration> {
    const { issuer, clientId } = this.config;
    const { ClientSecretBasic, ClientSecretPost, None, enableNonRepudiationChecks } = client;
    try {
      const secret = readSecret(this.config);
      const url = new URL(issuer);
      const options = {
        execute: url.protocol === 'http:' ? [client.allowInsecureRequests] : [],
        timeout: ANSWER_SECONDS,
        [client.customFetch]: reaching,
      };
      const server = (await client.discovery(url, clientId, undefined, None(), options)).serverMetadata();
      // Basic is what OpenID Connect takes to be meant where an issuer does not say.
      const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      const authenticate = ways.includes('client_secret_basic') ? ClientSecretBasic : ClientSecretPost;
      const how = secret === undefined ? None() : authenticate(secret);
      const configuration = new client.Configuration(server, clientId, undefined, how);
      configuration.timeout = ANSWER_SECONDS;
      configuration[client.customFetch] = reaching;
      for (const set of [...options.execute, enableNonRepudiationChecks]) set(configuration);
      this.known = { configuration, at: performance.now() };
      return configuration;
    } catch (error) {
      const reason = this.reasonOf(error);
      // What was known goes on to be right, most likely.
      if (this.known !== undefined) return (this.known = { ...this.known, at: performance.now() }).configuration;
      throw reason instanceof IssuerUnreachableError ? reason : new IssuerUnreachableError(reason.message);
    }
  }

  /** What became of it, without anything in it that is secret: codes of errors say enough. */
  private reasonOf(error: unknown): SignInFailedError | IssuerUnreachableError {
    const unreachable = causeIn(error);
    const { error: code, code: kind } = error as { error?: unknown; code?: unknown };
    const isTimeout = kind === 'OAUTH_TIMEOUT';
    const why = [code, kind].find((each) => typeof each === 'string') ?? (error as Error).name;
    const message = unreachable?.message ?? String(why).slice(0, 100);
    if (message !== 'access_denied') this.logger.warn(`signing in at ${this.config.issuer}: ${message}`);
    if (error instanceof SignInFailedError) return error;
    return unreachable !== undefined || isTimeout
      ? new IssuerUnreachableError(message)
      : new SignInFailedError(message);
  }
}

function causeIn(error: unknown): IssuerUnreachableError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof IssuerUnreachableError) return at;
  return undefined;
}

function bounded(claims: Claims): Claims {
  if (JSON.stringify(claims).length <= MOST_CLAIMS) return claims;
  throw new SignInFailedError('the issuer says too much to be kept of whoever signs in');
}

/** As fetch, which tells an issuer that is away from one that says no. */
const reaching: CustomFetch = async (url, options) => {
  const { body, ...rest } = options;
  const answer = await fetch(url, { ...rest, body: body as RequestInit['body'] }).catch((error: Error) => {
    if (error.name === 'TimeoutError') throw new IssuerUnreachableError('no answer in time');
    throw new IssuerUnreachableError((error.cause as Error | undefined)?.message ?? error.message);
  });
  if (answer.status >= 500) throw new IssuerUnreachableError(`it answers ${answer.status}`);
  return answer;
};
