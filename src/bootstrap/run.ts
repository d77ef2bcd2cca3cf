import { destination, type Logger } from 'pino';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/errors.js';
import { helpText } from '../config/help.js';
import { loadConfig } from '../config/load.js';
import { createLogger } from '../observability/logger.js';
import { VERSION } from '../version.js';
import type { Daemon } from './daemon.js';
import { describeStartError } from './start-error.js';
import { onShutdownSignal } from './signals.js';

/** How long a start that is under way when the daemon is told to stop may take to come to an end. */
const START_MS = 10_000;

/** `coordinated`: returns once the daemon serves, and ends the process when it is asked to stop or cannot start. */
export async function run(args: readonly string[]): Promise<void> {
  const config = configure(args);
  if (config === undefined) return;
  const logger = createLogger(config.log, destination({ dest: 2, sync: true }));
  // Loaded only now, for the framework takes longer to load than --help or a mistyped flag to answer.
  const starting = import('./daemon.js').then(({ startDaemon }) => startDaemon(config, logger));
  onShutdownSignal((signal) => {
    logger.info(`${signal}: shutting down`);
    void stop(starting, logger);
  });
  try {
    const { banner } = await starting;
    process.stdout.write(banner.map((line) => `coordinate ${VERSION}: ${line}\n`).join(''));
  } catch (error) {
    logger.debug({ err: error }, 'start failed');
    fail(describeStartError(error), 1);
  }
}

async function stop(starting: Promise<Daemon>, logger: Logger): Promise<void> {
  const patience = setTimeout(() => process.exit(0), START_MS);
  const daemon = await starting.catch(() => undefined);
  clearTimeout(patience);
  try {
    await daemon?.close();
    process.exit(0);
  } catch (error) {
    logger.error({ err: error }, 'shutdown failed');
    process.exit(1);
  }
}

/** @returns undefined when there is nothing to start: the text that was asked for is printed, or the mistake named */
function configure(args: readonly string[]): Config | undefined {
  try {
    const loaded = loadConfig(args);
    if (loaded.action === 'start') return loaded.config;
    process.stdout.write(loaded.action === 'help' ? helpText() : `coordinated ${VERSION}\n`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    fail(error.message, error.exitCode);
  }
  return undefined;
}

function fail(message: string, exitCode: number): void {
  process.stderr.write(`coordinated: ${message}\n`);
  process.exitCode = exitCode;
}
