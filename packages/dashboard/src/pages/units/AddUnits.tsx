import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/Button.js';
import { Dialog } from '../../components/Dialog.js';
import { Choice } from '../../components/Fields.js';
import { ErrorNote } from '../../components/states.js';
import { done } from '../../components/toasts.js';
import { api } from '../../data/connection.js';
import { noteError, queryClient } from '../../data/query-client.js';
import type { Format } from '../../data/unit-files.js';
import { FORMATS, formatOf, textOf, unitsIn } from '../../data/unit-files.js';
import type { SpecPlace } from '../../data/units.js';
import { bytes, count as countOf, percent } from '../../format/numbers.js';
import { shown } from '../../names.js';
import { changesOf } from './acts.js';

const TITLES: Readonly<Record<Format, string>> = { names: 'Names', jsonl: 'JSON lines', csv: 'CSV' };
const EXAMPLES: Readonly<Record<Format, string>> = {
  names: 'cat.jpg\ndog.jpg',
  jsonl: '{"name": "cat.jpg", "data": {"width": 640}, "priority": 5}\n{"name": "dog.jpg", "delay": "10m"}',
  csv: 'name,width\ncat.jpg,640',
};
const OPTIONS = FORMATS.map((format) => [format, TITLES[format]] as const);

/** Adds units that are typed or that a file has, however many those are. */
export function AddUnits({
  place,
  file: first,
  onClose,
}: {
  readonly place: SpecPlace;
  readonly file: File | undefined;
  readonly onClose: () => void;
}) {
  const [file, setFile] = useState(first);
  const [text, setText] = useState('');
  const [format, setFormat] = useState<Format>();
  const [begin, setBegin] = useState('');
  const [progress, setProgress] = useState<{ readonly added: number; readonly read: number }>();
  const [error, setError] = useState<unknown>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(new Error('stopped')), []);
  useEffect(() => {
    void file?.slice(0, 4_096).text().then(setBegin);
  }, [file]);
  const as = format ?? formatOf(file?.name, file === undefined ? text : begin);
  const isRunning = progress !== undefined && error === undefined;

  const add = async (): Promise<void> => {
    const { signal } = (running.current = new AbortController());
    let [added, read] = [0, 0];
    setError(undefined);
    setProgress({ added, read });
    const source = file === undefined ? textOf(new Blob([text]), () => {}) : textOf(file, (all) => (read = all));
    try {
      const options = {
        signal,
        timeout: '2m',
        onProgress: (now: { added: number }) => setProgress({ added: (added = now.added), read }),
      };
      await api(place.namespace).spec(place.spec).add(unitsIn(source, as), options);
      done(`${countOf(added, 'unit')} added to ${shown(place.spec)}`);
      onClose();
    } catch (reason) {
      noteError(reason);
      setError(signal.aborted ? new Error('Stopped.') : reason);
    } finally {
      for (const queryKey of changesOf(place)) void queryClient.invalidateQueries({ queryKey });
    }
  };

  return (
    <Dialog title={`Add units to ${shown(place.spec)}`} onClose={onClose}>
      <div className="dialog-body">
        {file === undefined ? (
          <label className="field">
            <span>Type them, or drop a file anywhere here. What is there already by that name is replaced.</span>
            <textarea
              autoFocus
              rows={8}
              className="mono"
              spellCheck={false}
              placeholder={EXAMPLES[as]}
              value={text}
              disabled={isRunning}
              onChange={({ target }) => setText(target.value)}
            />
          </label>
        ) : (
          <p>
            <bdi>{shown(file.name)}</bdi>, {bytes(file.size)}. What is there already by the name of a unit is replaced.
          </p>
        )}
        <div className="bar">
          <Choice label="How they are written" options={OPTIONS} value={as} onChange={setFormat} />
          <label className="button">
            Choose a file
            <input
              type="file"
              className="sr-only"
              disabled={isRunning}
              onChange={({ target }) => {
                setFile(target.files?.[0]);
                setFormat(undefined);
                setError(undefined);
              }}
            />
          </label>
        </div>
        {progress && (
          <p role="status">
            {countOf(progress.added, 'unit')} added
            {file && file.size > 0 && `, ${percent(Math.min(progress.read, file.size), file.size)} of the file read`}
          </p>
        )}
        {progress && file && (
          <progress max={file.size || 1} value={progress.read} aria-label="How much of the file is read" />
        )}
        {error !== undefined && (
          <ErrorNote error={error} title={progress && progress.added > 0 ? 'Those before it stay.' : undefined} />
        )}
      </div>
      <footer className="dialog-foot">
        <Button onClick={() => (isRunning ? running.current?.abort(new Error('stopped')) : onClose())}>
          {isRunning ? 'Stop' : 'Cancel'}
        </Button>
        <Button
          kind="main"
          disabled={isRunning || (file === undefined && text.trim() === '')}
          onClick={() => void add()}
        >
          {isRunning ? 'Adding …' : 'Add'}
        </Button>
      </footer>
    </Dialog>
  );
}
