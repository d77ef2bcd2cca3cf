/** A value that a flag's parser refuses, or whoever it is for. The message is a reason that reads on after the flag's name. */
export class ValueError extends Error {}

/** The daemon cannot start as it was told to: one line for people, and the status to exit with. */
export class ConfigError extends Error {
  constructor(
    message: string,
    /** 2 for a mistake on the command line or in the environment, 1 for one in a file. */
    readonly exitCode: 1 | 2,
  ) {
    super(message.replace(/\s*\n\s*/g, ' '));
    this.name = 'ConfigError';
  }
}
