import { stringify } from 'yaml';
import type { PluggedCallers } from '../access/words.js';
import type { LoadedConfig } from '../config/load.js';
import type { Config } from '../config/config.js';
import { closedToOthers } from '../config/readable.js';
import type { OpenRepositories } from '../storage/repositories.js';
import { reportStartError } from '../bootstrap/start-error.js';

/** `coordinated check-config`: prints the settings in effect, as a settings file that says where each is from. */
export async function checkConfig(loaded: LoadedConfig): Promise<number> {
  const { settings, config: given } = loaded;
  let words: string[];
  try {
    // Refuses what this build does not have, and URLs that it does not understand. Nothing is opened.
    const { StorageModule } = await import('../storage/storage.module.js');
    const { backends, config, callers } = await withPlugins(given);
    await StorageModule.forBackend(config.backend, undefined, backends);
    const { Callers } = await import('../access/callers.js');
    const { whoMayDoWhat, warningsOf } = await import('../access/words.js');
    const { entries, files } = new Callers(config.namespace, config.auth);
    const warnings = [...warningsOf(config), ...aboutFiles([...files, ...filesOf(loaded)])];
    words = [...whoMayDoWhat(config, entries, callers), ...warnings.map((warning) => `warning: ${warning}`)];
    const { Tls } = await import('../access/tls.js');
    if (config.tls !== undefined) new Tls(config.tls);
  } catch (error) {
    return reportStartError(error, loaded);
  }
  const lines = settings.map(({ name, text, source }) => {
    const keys = name === 'config' && given.clientConfig ? `, keys: ${given.clientConfig.size}` : '';
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

/** What a configuration comes to with its plug-ins. */
interface Plugged {
  readonly config: Config;
  /** The backends that they bring. */
  readonly backends: ReadonlyMap<string, OpenRepositories>;
  /** The callers that they know. */
  readonly callers: readonly PluggedCallers[];
}

/** Looks at plug-ins, where there are any. */
async function withPlugins(config: Config): Promise<Plugged> {
  if (config.plugins.length === 0) return { config, backends: new Map(), callers: [] };
  const { ANSWERING } = await import('../app.module.js');
  const { backendsOf, loadPlugins } = await import('../plugins/load-plugins.js');
  const { askingForCallersOf, callersOf } = await import('../plugins/plugged-callers.js');
  const plugins = await loadPlugins(config.plugins, ANSWERING);
  return { config: askingForCallersOf(plugins, config), backends: backendsOf(plugins), callers: callersOf(plugins) };
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
