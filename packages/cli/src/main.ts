import { messageOf, OutputClosed, ExitCode, exitCodeOf, UsageError } from './errors.js';
import type { Io } from './io.js';
import { type Form, Output } from './output/output.js';
import { safe, safeLines } from './output/safe.js';
import { Session } from './session.js';
import { settingsOf } from './settings/settings.js';
import { COMMANDS } from './table/commands.js';
import { helpOf, overview } from './table/help.js';
import type { Parsed } from './table/parse.js';
import { parse } from './table/parse.js';

/** The program. @param argv without the program's name @returns the status that it ends with; it throws nothing */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  // Whoever wants to read nothing of what is wrong need not.
  io.stderr.on('error', () => undefined);
  try {
    const parsed = parse(argv, COMMANDS);
    if (!parsed.command) return await withoutCommand(parsed, io);
    if (parsed.args.has('help')) return await say(io, helpOf(parsed.command));
    return await carryOut(parsed, parsed.command, io);
  } catch (error) {
    if (!(error instanceof OutputClosed)) io.stderr.write(`coordinate: ${safeLines(messageOf(error))}\n`);
    return exitCodeOf(error);
  }
}

async function carryOut({ args }: Parsed, command: NonNullable<Parsed['command']>, io: Io): Promise<number> {
  const settings = settingsOf(args, io, args.text('usual-output') as Form | undefined);
  const session = new Session(settings, io, command.isPatient);
  try {
    await command.run(session, args);
    await session.out.done();
  } finally {
    session.close();
  }
  return session.status;
}

/** Without a command, or with a word that begins some, it says what there is. */
async function withoutCommand({ words, args }: Parsed, io: Io): Promise<number> {
  const [word = ''] = args.taken;
  const isNoun = COMMANDS.some((command) => command.words.startsWith(`${word} `));
  if (words === '' || word === 'help' || (isNoun && (args.has('help') || args.taken.length === 1))) {
    const rest = word === 'help' ? args.taken.slice(1).join(' ') : '';
    const named = COMMANDS.find((command) => command.words === rest);
    await say(io, named ? helpOf(named) : overview(COMMANDS, isNoun ? word : undefined));
    return words === '' && !args.has('help') ? ExitCode.usage : ExitCode.done;
  }
  throw new UsageError(`there is no command ${safe(words)}: coordinate --help says what there is`);
}

/** Writes a text, of which nobody need read more than they like. */
async function say(io: Io, text: string): Promise<number> {
  const out = new Output(io.stdout, 'table');
  await out.line(text.trimEnd());
  await out.done();
  return ExitCode.done;
}
