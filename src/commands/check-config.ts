import { stringify } from 'yaml';
import type { LoadedConfig } from '../config/load.js';
import { reportStartError } from '../bootstrap/start-error.js';

/** `coordinated check-config`: prints the settings in effect, as a settings file that says where each is from. */
export async function checkConfig(loaded: LoadedConfig): Promise<number> {
  const { settings, config } = loaded;
  let words: string[];
  try {
    // Refuses what this build does not have, and URLs that it does not understand. Nothing is opened.
    const { StorageModule } = await import('../storage/storage.module.js');
    await StorageModule.forBackend(config.backend);
    const { Callers } = await import('../access/callers.js');
    const { whoMayDoWhat, warningsOf } = await import('../access/words.js');
    const { entries } = new Callers(config.namespace, config.auth);
    words = [...whoMayDoWhat(config, entries), ...warningsOf(config).map((warning) => `warning: ${warning}`)];
    const { Tls } = await import('../access/tls.js');
    if (config.tls !== undefined) new Tls(config.tls);
  } catch (error) {
    return reportStartError(error, loaded);
  }
  const lines = settings.map(({ name, text, source }) => {
    const keys = name === 'config' && config.clientConfig ? `, keys: ${config.clientConfig.size}` : '';
    return {
      setting: stringify(
        { [name]: text },
        { schema: 'failsafe', lineWidth: 0, blockQuote: false, singleQuote: false, doubleQuotedAsJSON: true },
      ).trimEnd(),
      comment: source + keys,
    };
  });
  const width = Math.max(...lines.map(({ setting }) => (setting.length <= 60 ? setting.length : 0)));
  const text = lines.map(({ setting, comment }) => `${setting.padEnd(width)}  # ${comment}\n`).join('');
  const access = words.map((line) => `# ${line}\n`).join('');
  process.stdout.write(`${text}#\n${access}# the configuration is valid\n`);
  return 0;
}
