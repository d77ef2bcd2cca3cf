import { CLOSE_NAMESPACE, HOLD_NAMESPACE, LOCK_NAMESPACE } from '../sql/specs-admin.sql.js';
import { ENSURE_NAMESPACES } from '../sql/specs.sql.js';
import { byteaColumn } from '../wire/columns.js';
import type { Run } from '../wire/connection-pool.js';
import { statement } from '../wire/statement.js';
import { wanting } from '../wire/held-things.js';
import { textParameter } from '../wire/values.js';
import { locksThing, namespaceThing } from './things.js';

/** The id of a namespace, made if need be, which can't be destroyed until the transaction ends. */
export function holdNamespace(run: Run, namespace: string): Promise<number> {
  return wanting(namespaceThing(namespace), () => namespaceBy(run, namespace, HOLD_NAMESPACE));
}

/** The same for one transaction at a time. */
export function lockNamespace(run: Run, namespace: string): Promise<number> {
  return wanting(locksThing(namespace), () => namespaceBy(run, namespace, LOCK_NAMESPACE));
}

/** The same, and nobody makes or changes a work spec of it meanwhile. */
export function closeNamespace(run: Run, namespace: string): Promise<number> {
  return wanting(namespaceThing(namespace), () => namespaceBy(run, namespace, CLOSE_NAMESPACE));
}

async function namespaceBy(run: Run, namespace: string, command: typeof HOLD_NAMESPACE): Promise<number> {
  const name = textParameter(namespace);
  for (;;) {
    const [[row]] = await run(statement(command, name));
    if (row) return Number(row[0]);
    await run(statement(ENSURE_NAMESPACES, byteaColumn([name])));
  }
}
