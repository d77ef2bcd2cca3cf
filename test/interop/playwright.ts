import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Of playwright-core, which chromium.sh installs, as much as is used here: the daemon's own tree does not have it. */

interface Waiting {
  /** In milliseconds. */
  readonly timeout?: number;
}

export interface Locator {
  click(options?: Waiting): Promise<void>;
  fill(text: string): Promise<void>;
  count(): Promise<number>;
  first(): Locator;
  nth(at: number): Locator;
  locator(selector: string): Locator;
  allInnerTexts(): Promise<string[]>;
  innerText(options?: Waiting): Promise<string>;
  inputValue(): Promise<string>;
  getAttribute(name: string): Promise<string | null>;
  isVisible(): Promise<boolean>;
  focus(): Promise<void>;
  setInputFiles(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void>;
  selectOption(value: string): Promise<unknown>;
  waitFor(options?: Waiting & { readonly state?: 'visible' | 'hidden' | 'attached' | 'detached' }): Promise<void>;
}

/** What a page asks for. */
export interface PageRequest {
  method(): string;
  url(): string;
  postData(): string | null;
  headers(): Readonly<Record<string, string>>;
}

export interface Page {
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  addInitScript(script: { readonly content: string }): Promise<unknown>;
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  url(): string;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string, options?: Waiting): Promise<void>;
  locator(selector: string): Locator;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  emulateMedia(media: { readonly colorScheme?: 'light' | 'dark'; readonly reducedMotion?: 'reduce' }): Promise<void>;
  waitForURL(url: string | ((url: URL) => boolean), options?: Waiting): Promise<void>;
  waitForTimeout(ms: number): Promise<void>;
  screenshot(options: { readonly path: string }): Promise<unknown>;
  /** Runs a program in the page. @returns what that gives, or a promise of it */
  evaluate(program: string): Promise<unknown>;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'request', listener: (request: PageRequest) => void): void;
  off(event: 'request', listener: (request: PageRequest) => void): void;
  close(): Promise<void>;
}

export interface CdpSession {
  send(method: string, options?: object): Promise<unknown>;
}

export interface BrowserContext {
  newPage(): Promise<Page>;
  newCDPSession(page: Page): Promise<CdpSession>;
  cookies(): Promise<{ name: string; httpOnly: boolean; sameSite: string }[]>;
  clearCookies(): Promise<void>;
  close(): Promise<void>;
}

interface Chromium {
  readonly chromium: { launchPersistentContext(folder: string, options: object): Promise<BrowserContext> };
}

/** A package that chromium.sh has installed. */
export async function packaged<T>(name: string): Promise<T> {
  const { resolve } = createRequire(join(process.env.INTEROP_PACKAGES!, 'here.js'));
  return (await import(pathToFileURL(resolve(name)).href)) as T;
}

/** @param folder of the browser's own, with what it keeps */
export async function openBrowser(folder: string, options: object = {}): Promise<BrowserContext> {
  const {
    default: { chromium },
  } = await packaged<{ default: Chromium }>('playwright-core');
  return chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    ...options,
  });
}
