import { Logger } from '@nestjs/common';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { IssuerConfig } from '../config/config.js';
import { SECOND } from '../domain/time.js';
import type { CallerEntry } from './callers-file.js';
import { claimAt, grantsIn, holds } from './claims.js';
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
      return this.identityOf(payload, entries);
    } catch (error) {
      if (error instanceof IssuerAwayError) throw error;
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  private identityOf(payload: JWTPayload, entries: readonly CallerEntry[]): Identity {
    const matching = entries.filter(({ claim }) => claim !== undefined && holds(payload, claim));
    const grants = [...grantsIn(claimAt(payload, this.config.claim)), ...matching.flatMap(({ grants }) => grants)];
    return {
      name: (typeof payload.sub === 'string' ? payload.sub : this.config.url).slice(0, SHOWN_NAME_CHARS),
      rights: new GrantedRights(grants),
      expires: (payload.exp! + SKEW_SECONDS) * SECOND,
      bases: matching.map(({ identity }) => identity),
    };
  }
}
