import type { LoadedConfig } from '../config/load.js';
import { createLog } from '../observability/log.js';
import { VERSION } from '../version.js';
import type { Daemon, Prepare } from './daemon.js';
import { reportStartError } from './start-error.js';
import { onShutdownSignal } from './signals.js';
import { keepYoungGenerationSmall } from './young-generation.js';

/** How long a start that is under way when the daemon is told to stop may take to come to an end. */
const START_MS = 10_000;
/** How long whoever reads the log may take to read its end. */
const LOG_MS = 1_000;
const STDERR = 2;

/**
 * The daemon itself: returns once it serves, and ends the process when it is asked to stop.
 * @param prepare - what is to be done with the storage before that @returns the status to exit with: it cannot start
 */
export async function serve(loaded: LoadedConfig, prepare?: Prepare): Promise<number | undefined> {
  const { config } = loaded;
  if (config.backend.kind === 'memory') keepYoungGenerationSmall();
  const log = createLog(config.log, STDERR);
  const { logger } = log;
  const starting = import('./daemon.js').then(({ startDaemon }) => startDaemon(config, log, prepare));
  onShutdownSignal({
    first: (signal) => {
      logger.info(`${signal}: shutting down`);
      void stop(starting, log);
    },
    second: () => log.output.abandon(),
  });
  try {
    const { banner } = await starting;
    process.stdout.write(banner.map((line) => `coordinate ${VERSION}: ${line}\n`).join(''));
    return undefined;
  } catch (error) {
    logger.debug({ err: error }, 'start failed');
    return reportStartError(error, loaded);
  }
}

async function stop(starting: Promise<Daemon>, { logger, output }: ReturnType<typeof createLog>): Promise<void> {
  const exit = async (status: number): Promise<void> => {
    await output.close(LOG_MS);
    process.exit(status);
  };
  const patience = setTimeout(() => void exit(0), START_MS);
  const daemon = await starting.catch(() => undefined);
  clearTimeout(patience);
  try {
    await daemon?.close();
    await exit(0);
  } catch (error) {
    logger.error({ err: error }, 'shutdown failed');
    await exit(1);
  }
}
