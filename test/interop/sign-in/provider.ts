import type { RequestListener } from 'node:http';
import { packaged } from '../playwright.js';

/** Of oidc-provider, which run.sh installs, as much as is used here. */
interface OidcProvider {
  readonly default: new (issuer: string, configuration: object) => { callback(): RequestListener };
}

/** What answers at the address of a provider, which says that everybody belongs to these groups. */
export async function providerAt(issuer: string, client: object, groups: readonly string[]): Promise<RequestListener> {
  const { default: Provider } = await packaged<OidcProvider>('oidc-provider');
  const provider = new Provider(issuer, {
    clients: [client],
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, name: `${sub} of the provider`, groups }),
    }),
    cookies: { keys: ['a key of this test'] },
  });
  return provider.callback();
}
