import type { Arguments } from './arguments.js';
import type { Session } from '../session.js';

/** An option of a command, `--name` on the command line. */
export interface Option {
  readonly name: string;
  /** One letter, `-n`. */
  readonly short?: string;
  /** What stands for its value in help; without it, it is a switch. */
  readonly value?: string;
  readonly about: string;
  /** All that it may be. */
  readonly choices?: readonly string[];
  /** Whether it may be given several times. */
  readonly many?: boolean;
}

/** What a historic word presets of the command that it is another name of. */
export type Presets = Readonly<Record<string, string | true>>;

/** One command. Parser, help, completion and docs/command-line.md are made of a list of these. */
export interface Command {
  /** `spec list`, or one word. */
  readonly words: string;
  /** Other names, the historic words among them. */
  readonly aliases?: Readonly<Record<string, Presets>>;
  readonly about: string;
  /** What goes without saying its name: `SPEC [UNIT…]`. */
  readonly takes?: string;
  readonly options?: readonly Option[];
  /** More about it, in whole sentences. */
  readonly more?: string;
  /** Command lines, without `coordinate`. */
  readonly examples?: readonly string[];
  /** Whether it goes on asking a daemon that is away. Others say so at once. */
  readonly isPatient?: boolean;
  /** Left out of help: what only the program itself calls. */
  readonly isHidden?: boolean;
  run(session: Session, args: Arguments): Promise<void>;
}

/** One of what a command takes. */
export interface Taken {
  readonly name: string;
  readonly isOptional: boolean;
  readonly isMany: boolean;
}

/** `SPEC [UNIT…]` in its parts. */
export function takenBy({ takes = '' }: Command): Taken[] {
  return takes
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => ({
      name: part.replace(/[[\]…]/g, ''),
      isOptional: part.startsWith('['),
      isMany: part.includes('…'),
    }));
}
