// What transactions lock, by names that tell it apart from all else.

/** That a namespace stays. */
export function namespaceThing(namespace: string): string {
  return `namespace\0${namespace}`;
}

export function specThing(namespace: string, workSpec: string): string {
  return `spec\0${namespace}\0${workSpec}`;
}

export function workerThing(namespace: string, worker: string): string {
  return `worker\0${namespace}\0${worker}`;
}

/** That parents of workers are made by one transaction at a time in a namespace. */
export function parentsThing(namespace: string): string {
  return `parents\0${namespace}`;
}

/** That the locks of a namespace are taken by one transaction at a time. */
export function locksThing(namespace: string): string {
  return `locks\0${namespace}`;
}

/** What clients have locked in a namespace. */
export function lockedThing(namespace: string): string {
  return `locked\0${namespace}`;
}

/** That work specs of a namespace are made and deleted by one transaction at a time. */
export function specsThing(namespace: string): string {
  return `specs\0${namespace}`;
}

/** That a namespace is destroyed by one transaction at a time. */
export function destroyingThing(namespace: string): string {
  return `destroy\0${namespace}`;
}

export function sessionThing(hash: string): string {
  return `session\0${hash}`;
}
