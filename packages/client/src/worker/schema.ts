/** A check of values as https://standardschema.dev has it, which Zod, Valibot, ArkType and others make. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
  };
}

export type SchemaResult =
  { readonly value: unknown; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
}

/** The data of a unit are not what its handler takes. */
export class InvalidDataError extends Error {
  override readonly name = 'InvalidDataError';

  constructor(readonly issues: readonly SchemaIssue[]) {
    super(
      issues
        .map(({ message, path = [] }) => (path.length === 0 ? message : `${pathText(path)}: ${message}`))
        .join('; '),
    );
  }
}

/** @returns what the schema makes of the data @throws InvalidDataError */
export async function checked(schema: StandardSchema, data: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(data);
  if (result.issues) throw new InvalidDataError(result.issues);
  return result.value;
}

function pathText(path: NonNullable<SchemaIssue['path']>): string {
  return path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
