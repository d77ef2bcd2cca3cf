import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Data } from 'coordinate-client';
import { PendingError } from 'coordinate-client';
import { UsageError } from '../errors.js';
import { dataOf } from '../input/definition.js';
import { safe, safeLines } from '../output/safe.js';
import { yamlText } from '../output/yaml.js';
import type { Session } from '../session.js';
import type { Command } from '../table/command.js';
import { ENCODED, nameOf } from './options.js';

export const edit: Command = {
  words: 'unit edit',
  about: 'Gives a unit other data, in your editor or by --data.',
  takes: 'SPEC UNIT',
  options: [
    { name: 'data', short: 'd', value: 'DATA', about: 'the data, as JSON or YAML; no editor is started' },
    ENCODED,
  ],
  more:
    'The editor is $VISUAL or $EDITOR, else vi, and has the data as YAML. What differs is shown, and asked about. The unit stays as it is ' +
    'otherwise: one that failed is sent back by unit retry.',
  examples: ['unit edit resize cat.jpg', `unit edit resize cat.jpg --data '{"width": 640}' --yes`],
  async run(session, args) {
    const [spec, name] = args.taken;
    const unit = session.coordinate.spec(spec).unit(nameOf(name, args));
    const { data, status } = await unit.get();
    if (status === 'pending') throw pending(spec, name);
    const before = yamlText(data);
    const given = args.text('data');
    const after = given === undefined ? await edited(session, before, `unit ${name} of ${spec}`) : dataOf(given);
    const shown = yamlText(after);
    if (shown === before)
      return void (await session.out.told('nothing is changed', { spec, unit: name, changed: false }));
    session.io.stderr.write(safeLines(difference(before, shown)));
    if (!(await session.confirmed(`change the data of ${name} of ${spec}`))) return;
    try {
      await unit.edit(after);
    } catch (error) {
      throw error instanceof PendingError ? pending(spec, name) : error;
    }
    await session.out.told(`the data of ${name} of ${spec} are changed`, { spec, unit: name, changed: true });
  },
};

function pending(spec: string, name: string): Error {
  return new Error(
    `a worker is at ${name} of ${spec}, so that nothing is changed: wait for it, or stop it by unit cancel`,
  );
}

/** The data as somebody has left them in their editor. @throws UsageError naming the file, which stays, where they can not be read */
async function edited({ io }: Session, text: string, of: string): Promise<Data> {
  const editor = io.env.VISUAL || io.env.EDITOR || 'vi';
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-edit-'));
  const file = join(folder, 'data.yaml');
  writeFileSync(file, `# ${safe(of).replaceAll('\n', ' ')}\n${text}`, { mode: 0o600 });
  await run(editor, file);
  try {
    const data = dataOf(readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });
    return data;
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

/** An editor may be named with arguments of its own. */
function run(editor: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$0"`, file], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${editor} ended with ${code ?? 'a signal'}: nothing is changed`));
    });
  });
}

/** The lines that differ, from the first such to the last, with those that go and those that come. */
export function difference(before: string, after: string): string {
  const [old, now] = [before, after].map((text) => text.replace(/\n$/, '').split('\n'));
  let first = 0;
  while (first < old.length && first < now.length && old[first] === now[first]) first++;
  let same = 0;
  while (same < Math.min(old.length, now.length) - first && old.at(-1 - same) === now.at(-1 - same)) same++;
  const lines = (all: string[], mark: string): string[] =>
    all.slice(first, all.length - same).map((line) => mark + line);
  return [...lines(old, '- '), ...lines(now, '+ '), ''].join('\n');
}
