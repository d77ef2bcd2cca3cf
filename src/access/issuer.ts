import { Logger } from '@nestjs/common';
import { errors, jwtVerify } from 'jose';
import type { IssuerConfig } from '../config/config.js';
import { type Micros, SECOND } from '../domain/time.js';
import type { CallerEntry } from './callers-file.js';
import { claimAt, type Claims, grantsIn, holds } from './claims.js';
import { IssuerAwayError } from './errors.js';
import { IssuerKeys } from './issuer-keys.js';
import type { Identity } from './identity.js';
import { GrantedRights } from './rights.js';

/** By keys that anybody may have: with a secret one, such as HS256 wants, who can check a token could make one. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** How far clocks may be apart, in seconds. */
const SKEW_SECONDS = 60;
const SHOWN_NAME_CHARS = 200;

/** Knows people and programs by the tokens of an issuer: JSON Web Tokens that it has signed for this daemon. */
export class Issuer {
  constructor(
    private readonly config: IssuerConfig,
    private readonly keys = new IssuerKeys({ issuer: config.url, jwks: config.jwks }, (reason) => {
      new Logger('access').warn(`the keys of ${config.url} cannot be had: ${reason}`);
    }),
  ) {}

  /**
   * Who holds a token; undefined: it is not right.
   * @param entries - of the file of callers, those that are known by claims among them
   * @throws IssuerAwayError when that cannot be told now
   */
  async holderOf(token: string, entries: readonly CallerEntry[]): Promise<Identity | undefined> {
    const { url: issuer, audience } = this.config;
    try {
      const { payload } = await jwtVerify(token, this.keys.keyOf, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: SKEW_SECONDS,
        requiredClaims: ['exp'],
      });
      return this.identityOf(payload, entries, (payload.exp! + SKEW_SECONDS) * SECOND);
    } catch (error) {
      if (error instanceof IssuerAwayError) throw error;
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** By which URL it calls itself. */
  get url(): string {
    return this.config.url;
  }

  /** Who somebody is by what it says of them. @param expires - undefined: that is seen to elsewhere */
  identityOf(claims: Claims, entries: readonly CallerEntry[], expires?: Micros): Identity {
    const matching = entries.filter(({ claim }) => claim !== undefined && holds(claims, claim));
    const grants = [...grantsIn(claimAt(claims, this.config.claim)), ...matching.flatMap(({ grants }) => grants)];
    return {
      name: (typeof claims.sub === 'string' ? claims.sub : this.config.url).slice(0, SHOWN_NAME_CHARS),
      rights: new GrantedRights(grants),
      shownAs: personIn(claims),
      expires,
      bases: matching.map(({ identity }) => identity),
    };
  }
}

/** What people are called by, of the claims that OpenID Connect has for it. */
function personIn(claims: Claims): string | undefined {
  const names = [claims.name, claims.preferred_username, claims.email];
  const name = names.find((each): each is string => typeof each === 'string' && each !== '');
  return name?.slice(0, SHOWN_NAME_CHARS).toWellFormed();
}
