import { UsageError } from '../errors.js';
import { nameIn, readDefinition, readYaml } from '../input/definition.js';
import { flowsOf, readConfig } from '../input/flows.js';
import type { Format } from '../input/units.js';
import { counted } from '../output/progress.js';
import type { Command } from '../table/command.js';
import { addFile } from './adding.js';
import { UNIT_FILE } from './options.js';

const load: Command = {
  words: 'load',
  about: 'Sets the work spec of a file, and adds units to it.',
  options: [
    { name: 'work-spec', short: 'w', value: 'FILE', about: 'YAML or JSON with the definition of the work spec' },
    ...UNIT_FILE,
    { name: 'no-work', about: 'set the work spec only' },
    { name: 'nice', short: 'n', value: 'N', about: 'the niceness of the work spec' },
  ],
  examples: ['load -w resize.yaml -u units.jsonl.gz', 'load -w resize.yaml --no-work'],
  isPatient: true,
  async run(session, args) {
    const [file, units] = [args.text('work-spec'), args.text('units')];
    if (file === undefined) throw new UsageError('load: -w is missing');
    if ((units === undefined) !== args.has('no-work')) throw new UsageError('load: either -u or --no-work');
    const given = readDefinition(file);
    const name = nameIn(given, file);
    const nice = args.number('nice');
    const spec = session.coordinate.spec(name);
    await spec.set(nice === undefined ? given : { ...given, nice });
    const added =
      units === undefined ? 0 : await addFile(session, spec, units, args.text('format') as Format | undefined);
    await session.out.told(`${name} is set, and ${counted(added, 'unit')} added to it`, { name, added });
  },
};

const flow: Command = {
  words: 'flow',
  about: 'Sets the work specs of a file of flows.',
  takes: 'FILE',
  options: [
    {
      name: 'config-of-specs',
      value: 'FILE',
      about: 'configuration that goes with the work specs, in place of that of -c',
    },
  ],
  more:
    'The file has `flows`: work specs in maps that may be nested, whose names are their keys joined by dots. What has `min_gb` is a work spec. ' +
    'Each gets `config`, the configuration with its own laid over.',
  examples: ['flow flows.yaml', '-c config.yaml flow flows.yaml'],
  async run({ coordinate, out }, args) {
    const content = readYaml(args.first) as { readonly flows?: unknown } | null;
    const path = args.text('config-of-specs') ?? args.text('config');
    const specs = flowsOf(content?.flows, path === undefined ? {} : readConfig(path));
    for (const [name, definition] of specs) {
      await coordinate.spec(name).set(definition);
      await out.told(`${name} is set`, { name });
    }
  },
};

export const LOADING: readonly Command[] = [load, flow];
