import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { Address } from '../config/config.js';
import { loadConfig } from '../config/load.js';

/** How long the daemon may take to answer. */
const ANSWER_MS = 2_500;

/**
 * The flags of the daemon that runs as process 1, whether that is the daemon itself or an init that started it.
 * @param commandLine - the arguments of process 1, each followed by a NUL, as in /proc/1/cmdline
 */
export function flagsOf(commandLine: string): string[] {
  const args = commandLine.split('\0').slice(0, -1);
  return args.slice(args.findIndex((arg) => arg.endsWith('main.js')) + 1);
}

/** Where the daemon's health can be asked for on the machine itself; undefined when it serves no HTTP. */
export function healthUrl(http: Address | 'off'): string | undefined {
  if (http === 'off') return undefined;
  const host = ['', '0.0.0.0', '::'].includes(http.host) ? 'localhost' : http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${http.port}/healthz`;
}

/** Whether the daemon that is process 1 of this container is alive. One without HTTP has no health to ask for. */
async function isHealthy(): Promise<boolean> {
  // As the daemon does, from its flags, the container's environment and the settings file.
  const loaded = loadConfig(flagsOf(readFileSync('/proc/1/cmdline', 'utf8')));
  if (!('config' in loaded)) return false;
  const { http, tls } = loaded.config;
  const url = healthUrl(http);
  if (url === undefined) return true;
  if (tls !== undefined) return await shakesHands(new URL(url));
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  return answer.ok;
}

/** Whether an encrypted server answers. Who asks has no certificate, which it may want before it says more. */
export async function shakesHands({ hostname, port }: URL): Promise<boolean> {
  // Whoever serves here is this container's own, whatever it calls itself.
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
    return true;
  } finally {
    socket.destroy();
  }
}

// The image's HEALTHCHECK: node dist/bootstrap/health-check.js
if (argv[1] === fileURLToPath(import.meta.url)) {
  const healthy = await isHealthy().catch(() => false);
  exit(healthy ? 0 : 1);
}
