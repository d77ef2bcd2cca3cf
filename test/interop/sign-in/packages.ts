import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Of the packages that run.sh installs, as much as is used here: the daemon's own tree does not have them. */

export interface Page {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  url(): string;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  waitForURL(url: string | ((url: URL) => boolean)): Promise<void>;
  /** Runs a program in the page. @returns what that gives, or a promise of it */
  evaluate(program: string): Promise<unknown>;
}

export interface BrowserContext {
  newPage(): Promise<Page>;
  cookies(): Promise<{ name: string; httpOnly: boolean; sameSite: string }[]>;
  close(): Promise<void>;
}

interface Chromium {
  readonly chromium: { launchPersistentContext(folder: string, options: object): Promise<BrowserContext> };
}

interface OidcProvider {
  readonly default: new (issuer: string, configuration: object) => { callback(): RequestListener };
}

async function packaged<T>(name: string): Promise<T> {
  const { resolve } = createRequire(join(process.env.SIGN_IN_PACKAGES!, 'here.js'));
  return (await import(pathToFileURL(resolve(name)).href)) as T;
}

export async function openBrowser(folder: string): Promise<BrowserContext> {
  const {
    default: { chromium },
  } = await packaged<{ default: Chromium }>('playwright-core');
  return chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
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
