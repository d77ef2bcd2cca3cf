import { ConfigError } from '../config/errors.js';
import type { LoadedConfig } from '../config/load.js';
import { stringify } from 'yaml';
import { isRight, type Right, RIGHTS } from '../access/right.js';
import { hashOfToken, makeToken } from '../access/token.js';

/** `coordinated token NAME --right RIGHT@NAMESPACE …`: makes a token, shows it once, and the entry for the file of -auth-tokens. */
export function token({ operands: [name, ...grants] }: LoadedConfig): Promise<number> {
  if (!name) throw usage('token needs a NAME, which logs and errors call its caller');
  if (grants.length === 0) throw usage('token needs --right RIGHT@NAMESPACE, such as --right work@demo');
  const rights: Record<string, Right[]> = {};
  for (const grant of grants) {
    const at = grant.indexOf('@');
    const right = grant.slice(0, at);
    if (at < 0 || !isRight(right)) throw usage(`--right ${grant} must be one of ${RIGHTS.join(', ')}, then @NAMESPACE`);
    (rights[grant.slice(at + 1)] ??= []).push(right);
  }
  const made = makeToken();
  process.stderr.write('The token, which is shown this once:\n');
  process.stdout.write(`${made}\n`);
  const entry = stringify([{ name, token_sha256: hashOfToken(made), rights }], { flowCollectionPadding: false });
  process.stderr.write(`\nUnder callers: in the file of -auth-tokens:\n\n${entry.replaceAll(/^/gm, '  ').trimEnd()}\n`);
  return Promise.resolve(0);
}

function usage(problem: string): ConfigError {
  return new ConfigError(`${problem} (--help shows all commands)`, 2);
}
