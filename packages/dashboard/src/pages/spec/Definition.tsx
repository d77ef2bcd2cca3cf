import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { Diff } from '../../components/Diff.js';
import { Dialog } from '../../components/Dialog.js';
import { ErrorNote, When } from '../../components/states.js';
import { Yaml } from '../../components/Yaml.js';
import { definitionIn, unsayable, yamlOf } from '../../data/definition-yaml.js';
import { definitionQuery, setDefinition } from '../../data/spec.js';
import { useMay } from '../../data/viewer.js';
import { shown } from '../../names.js';

interface Of {
  readonly namespace: string;
  readonly spec: string;
}

/** The dictionary that defines a work spec, to be changed after a look at what changes. */
export function Definition({ namespace, spec }: Of) {
  const definition = useQuery(definitionQuery(namespace, spec));
  const [isEditing, setEditing] = useState(false);
  const may = useMay(namespace);
  const reason = definition.data === undefined ? undefined : unsayable(definition.data);
  return (
    <section className="section" aria-label="Definition">
      <div className="bar">
        <h2>Definition</h2>
        <span className="spacer" />
        {may('define') && definition.data && (
          <Button icon="edit" disabled={reason !== undefined} title={reason} onClick={() => setEditing(true)}>
            Edit
          </Button>
        )}
      </div>
      <When of={definition} lines={5}>
        {(data) => <Yaml text={yamlOf(data)} label="Definition in YAML" />}
      </When>
      {isEditing && definition.data && (
        <Editor {...{ namespace, spec }} before={yamlOf(definition.data)} onClose={() => setEditing(false)} />
      )}
    </section>
  );
}

function Editor({ namespace, spec, before, onClose }: Of & { readonly before: string; readonly onClose: () => void }) {
  const [text, setText] = useState(before);
  const [next, setNext] = useState<Readonly<Record<string, unknown>>>();
  const [error, setError] = useState<unknown>();
  const look = (): void => {
    try {
      const definition = definitionIn(text);
      if ('name' in definition && yamlOf(definition.name) !== yamlOf(spec) && String(definition.name) !== spec) {
        const bytes = definition.name instanceof Uint8Array && new TextDecoder().decode(definition.name) === spec;
        if (!bytes) throw new Error(`Its name stays ${shown(spec)}: another name would be another work spec.`);
      }
      setError(undefined);
      setNext(definition);
    } catch (reason) {
      setError(reason);
    }
  };
  const save = async (): Promise<void> => {
    if (next !== undefined && (await setDefinition(namespace, spec, next))) onClose();
  };
  return (
    <Dialog title={next === undefined ? `Definition of ${shown(spec)}` : 'This changes'} onClose={onClose} wide>
      <div className="dialog-body">
        {next === undefined ? (
          <textarea
            className="editor"
            aria-label="Definition in YAML"
            autoFocus
            spellCheck={false}
            rows={Math.min(28, Math.max(10, text.split('\n').length + 1))}
            value={text}
            onChange={({ target: { value } }) => setText(value)}
          />
        ) : (
          <>
            <Diff before={before} after={yamlOf(next)} />
            <p className="muted">
              Limits, weight and whether it is paused become what the definition says, also where they were changed by
              hand. Units stay as they are.
            </p>
          </>
        )}
        {error !== undefined && <ErrorNote error={error} />}
      </div>
      <footer className="dialog-foot">
        {next === undefined ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="main" disabled={text === before} onClick={look}>
              Look at what changes
            </Button>
          </>
        ) : (
          <>
            <Button onClick={() => setNext(undefined)}>Back</Button>
            <Button kind="main" onClick={() => void save()}>
              Save
            </Button>
          </>
        )}
      </footer>
    </Dialog>
  );
}
