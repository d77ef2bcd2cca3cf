import { destination } from 'pino';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/errors.js';
import { helpText } from '../config/help.js';
import { loadConfig } from '../config/load.js';
import { createLogger } from '../observability/logger.js';
import { VERSION } from '../version.js';
import type { Daemon } from './daemon.js';
import { describeStartError } from './start-error.js';
import { onShutdownSignal } from './signals.js';

/** `coordinated`: returns once the daemon serves, and ends the process when it is asked to stop or cannot start. */
export async function run(args: readonly string[]): Promise<void> {
  const config = configure(args);
  if (config === undefined) return;
  const logger = createLogger(config.log, destination({ dest: 2, sync: true }));
  let daemon: Daemon;
  try {
    // Loaded only now, for the framework takes longer to load than --help or a mistyped flag to answer.
    const { startDaemon } = await import('./daemon.js');
    daemon = await startDaemon(config, logger);
  } catch (error) {
    logger.debug({ err: error }, 'start failed');
    fail(describeStartError(error), 1);
    return;
  }
  onShutdownSignal((signal) => {
    logger.info(`${signal}: shutting down`);
    daemon.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  });
  process.stdout.write(daemon.banner.map((line) => `coordinate ${VERSION}: ${line}\n`).join(''));
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
