import { destination, type Logger } from 'pino';
import type { LoadedConfig } from '../config/load.js';
import { createLogger } from '../observability/logger.js';
import { VERSION } from '../version.js';
import type { Daemon } from './daemon.js';
import { describeStartError } from './start-error.js';
import { onShutdownSignal } from './signals.js';

/** How long a start that is under way when the daemon is told to stop may take to come to an end. */
const START_MS = 10_000;

/** The daemon itself: returns once it serves, and ends the process when it is asked to stop. @returns 1: it cannot start */
export async function serve({ config }: LoadedConfig): Promise<number | undefined> {
  const logger = createLogger(config.log, destination({ dest: 2, sync: true }));
  const starting = import('./daemon.js').then(({ startDaemon }) => startDaemon(config, logger));
  onShutdownSignal((signal) => {
    logger.info(`${signal}: shutting down`);
    void stop(starting, logger);
  });
  try {
    const { banner } = await starting;
    process.stdout.write(banner.map((line) => `coordinate ${VERSION}: ${line}\n`).join(''));
    return undefined;
  } catch (error) {
    logger.debug({ err: error }, 'start failed');
    process.stderr.write(`coordinated: ${describeStartError(error)}\n`);
    return 1;
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
