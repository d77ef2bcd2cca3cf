import { stringify } from 'yaml';
import type { LoadedConfig } from '../config/load.js';
import type { Config } from '../config/config.js';
import { closedToOthers } from '../config/readable.js';
import type { OpenRepositories } from '../storage/repositories.js';
import { reportStartError } from '../bootstrap/start-error.js';

/** `coordinated check-config`: prints the settings in effect, as a settings file that says where each is from. */
export async function checkConfig(loaded: LoadedConfig): Promise<number> {
  const { settings, config } = loaded;
  let words: string[];
  try {
    // Refuses what this build does not have, and URLs that it does not understand. Nothing is opened.
    const { StorageModule } = await import('../storage/storage.module.js');
    await StorageModule.forBackend(config.backend, undefined, await backendsIn(config));
    const { Callers } = await import('../access/callers.js');
    const { whoMayDoWhat, warningsOf } = await import('../access/words.js');
    const { entries, files } = new Callers(config.namespace, config.auth);
    const warnings = [...warningsOf(config), ...aboutFiles([...files, ...filesOf(loaded)])];
    words = [...whoMayDoWhat(config, entries), ...warnings.map((warning) => `warning: ${warning}`)];
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

/** Looks at plug-ins, where there are any. @returns the backends that they bring */
async function backendsIn({ plugins }: Config): Promise<ReadonlyMap<string, OpenRepositories>> {
  if (plugins.length === 0) return new Map();
  const { ANSWERING } = await import('../app.module.js');
  const { backendsOf, loadPlugins } = await import('../plugins/load-plugins.js');
  return backendsOf(await loadPlugins(plugins, ANSWERING));
}

/** The files that settings name, but for those of callers. */
function filesOf({ settings, config }: LoadedConfig): string[] {
  const ofConfig = settings.find(({ name }) => name === 'config')?.text;
  const { issuer, openId } = config.auth;
  const jwks = issuer?.jwks;
  const { cert, key, clientCa } = config.tls ?? ({} as Partial<NonNullable<Config['tls']>>);
  return [
    config.clientConfig && ofConfig,
    jwks?.includes('://') ? undefined : jwks,
    openId?.secretFile,
    cert,
    key,
    clientCa,
  ].filter((file) => file !== undefined && file !== '') as string[];
}

/** Root reads whatever there is; the user of a service, as whom the daemon then runs, may not. */
function aboutFiles(files: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [];
  return files.flatMap((file) => {
    const closed = closedToOthers(file);
    const why = closed === file ? '' : `, for ${closed} is closed`;
    return closed === undefined
      ? []
      : [`${file} can be read by root alone${why}: no daemon of another user would start`];
  });
}
