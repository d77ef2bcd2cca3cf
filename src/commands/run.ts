import type { Action } from '../config/command-line.js';
import { ConfigError } from '../config/errors.js';
import { helpText } from '../config/help.js';
import { loadConfig, type LoadedConfig } from '../config/load.js';
import { VERSION } from '../version.js';

/** Carries out what the command line asks for. @returns the exit status; undefined: the process goes on and ends itself */
type Perform = (loaded: LoadedConfig) => Promise<number | undefined>;

/** Loaded only when they are asked for: the framework takes longer to load than --help or a mistyped flag to answer. */
const ACTIONS: Readonly<Record<Action, () => Promise<Perform>>> = {
  start: async () => (await import('../bootstrap/serve.js')).serve,
  'check-config': async () => (await import('./check-config.js')).checkConfig,
  dump: async () => (await import('./dump.js')).dump,
  restore: async () => (await import('./restore.js')).restore,
  token: async () => (await import('./token.js')).token,
};

/** `coordinated`: returns once the daemon serves, the command is done, or neither can be. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    const loaded = loadConfig(args);
    if (loaded.action === 'help') process.stdout.write(helpText());
    else if (loaded.action === 'version') process.stdout.write(`coordinated ${VERSION}\n`);
    else {
      const perform = await ACTIONS[loaded.action]();
      process.exitCode = await perform(loaded);
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`coordinated: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
