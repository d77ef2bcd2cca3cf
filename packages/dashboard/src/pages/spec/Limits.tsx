import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { Loading } from '../../components/states.js';
import type { WorkSpecControl, WorkSpecMeta } from '../../data/spec.js';
import { changeMeta, useMeta } from '../../data/spec.js';
import { shown } from '../../names.js';
import { useMay } from '../../data/viewer.js';

type Key = 'priority' | 'weight' | 'maxRunning' | 'maxAttemptsReturned' | 'maxRetries' | 'minMemoryGb';

const FIELDS: readonly (readonly [Key, title: string, hint: string])[] = [
  ['priority', 'Priority', 'Work of a higher one always goes first'],
  ['weight', 'Weight', 'Its share among specs of one priority; 0 hands out nothing'],
  ['maxRunning', 'Most running', 'Units pending at once; 0 for no limit'],
  ['maxAttemptsReturned', 'Most per claim', 'Units handed out in one call; 0 for no limit'],
  ['maxRetries', 'Most tries', 'Attempts at a unit; 0 for no limit'],
  ['minMemoryGb', 'Memory (GB)', 'That a worker must have'],
];

/** Limits and weights, to be changed in place. */
export function Limits({ namespace, spec }: { readonly namespace: string; readonly spec: string }) {
  const { data: meta } = useMeta(namespace, spec);
  const mayChange = useMay(namespace)('admin');
  return (
    <section className="section" aria-label="Limits">
      <h2>Limits and weights</h2>
      {meta === undefined ? (
        <Loading lines={6} />
      ) : (
        // What somebody else has changed is shown, also where one has begun to write.
        <Form key={FIELDS.map(([key]) => meta[key]).join()} {...{ namespace, spec, meta, mayChange }} />
      )}
    </section>
  );
}

function Form({
  namespace,
  spec,
  meta,
  mayChange,
}: {
  readonly namespace: string;
  readonly spec: string;
  readonly meta: WorkSpecMeta;
  readonly mayChange: boolean;
}) {
  const [written, setWritten] = useState<Partial<Record<Key, string>>>({});
  const changed = FIELDS.filter(([key]) => written[key] !== undefined && written[key] !== String(meta[key]));
  const isRight = changed.every(([key]) => isNumber(written[key]!, key));
  const save = (): void => {
    const keys = changed.map(([key]) => key);
    const changes = Object.fromEntries(keys.map((key) => [key, Number(written[key])])) as WorkSpecControl;
    const before = Object.fromEntries(keys.map((key) => [key, meta[key]])) as WorkSpecControl;
    const titles = changed.map(([key, title]) => `${title.toLowerCase()} ${written[key]}`).join(', ');
    void changeMeta(namespace, spec, changes, before, `${shown(spec)}: ${titles}`).then(
      (isDone) => isDone && setWritten({}),
    );
  };
  return (
    <form
      className="limits"
      onSubmit={(event) => {
        event.preventDefault();
        if (isRight && changed.length > 0) save();
      }}
    >
      {FIELDS.map(([key, title, hint]) => (
        <label key={key} title={hint}>
          <span>{title}</span>
          {mayChange ? (
            <input
              inputMode="decimal"
              aria-invalid={written[key] !== undefined && !isNumber(written[key], key)}
              value={written[key] ?? String(meta[key])}
              onChange={({ target: { value } }) => setWritten((all) => ({ ...all, [key]: value }))}
            />
          ) : (
            <output>{meta[key]}</output>
          )}
          <small className="muted">{hint}</small>
        </label>
      ))}
      {changed.length > 0 && (
        <div className="bar">
          <Button kind="main" type="submit" disabled={!isRight}>
            Save
          </Button>
          <Button kind="quiet" onClick={() => setWritten({})}>
            Leave as it was
          </Button>
        </div>
      )}
    </form>
  );
}

/** Whether the daemon would understand it. */
function isNumber(text: string, key: Key): boolean {
  return key === 'minMemoryGb' ? /^\d+(\.\d+)?$/.test(text.trim()) : /^-?\d{1,15}$/.test(text.trim());
}
