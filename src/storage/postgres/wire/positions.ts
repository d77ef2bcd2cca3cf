type Column = string | readonly [block: string, width: number];
type NameOf<C extends Column> = C extends readonly [infer Block extends string, number] ? Block : C;

/**
 * Where in a row the columns are that a command returns, by their names and in their order. A block of several columns, which
 * somebody else reads, is where its first one is.
 */
export function positions<const C extends readonly Column[]>(
  ...columns: C
): Readonly<Record<NameOf<C[number]>, number>> {
  let next = 0;
  const places = columns.map((column) => {
    const [name, width] = typeof column === 'string' ? [column, 1] : column;
    const place = [name, next] as const;
    next += width;
    return place;
  });
  return Object.fromEntries(places) as Record<NameOf<C[number]>, number>;
}
