import { readFileSync } from 'node:fs';
import type { OpenIdConfig } from '../config/config.js';
import { ConfigError } from '../config/errors.js';

/** What the issuer knows this daemon by besides its id; undefined: nothing. @throws ConfigError when the file is not right */
export function readSecret({ secretFile }: OpenIdConfig): string | undefined {
  if (secretFile === undefined) return undefined;
  let secret: string;
  try {
    secret = readFileSync(secretFile, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`-oidc-client-secret-file ${secretFile}: ${(error as Error).message}`, 1);
  }
  if (secret === '') throw new ConfigError(`-oidc-client-secret-file ${secretFile}: there is nothing in it`, 1);
  return secret;
}
