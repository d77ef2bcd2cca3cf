import { useNavigate, useParams } from '@tanstack/react-router';
import type { KeyboardEvent } from 'react';
import { useId, useState } from 'react';
import { Dialog } from '../components/Dialog.js';
import type { IconName } from '../components/Icon.js';
import { Icon } from '../components/Icon.js';
import { theme } from '../components/theme.js';
import { useNamespaceNames } from '../data/namespaces.js';
import { overviewKey, type NamespaceOverview } from '../data/overview.js';
import { queryClient } from '../data/query-client.js';
import { zone } from '../format/times.js';
import { shortcuts } from '../keys/shortcuts.js';
import { shown } from '../names.js';

interface Command {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly icon: IconName;
  readonly keys?: string;
  readonly run: () => void;
}

/** So many of what fits are shown. */
const MOST = 50;

/** Goes to whatever has a name, and does whatever has a key. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [sought, setSought] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const found = search(useCommands(), sought);
  const chosen = Math.min(at, found.length - 1);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    // Once the dialog has given the focus back.
    setTimeout(command.run);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') run(found[chosen]);
    else if (event.key === 'ArrowDown') setAt((chosen + 1) % Math.max(1, found.length));
    else if (event.key === 'ArrowUp') setAt((chosen - 1 + found.length) % Math.max(1, found.length));
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Find" onClose={onClose}>
      <div className="palette">
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={found[chosen] && `${id}-${chosen}`}
          aria-label="A work spec, a namespace, a page, or something to do"
          placeholder="A work spec, a namespace, a page, or something to do"
          spellCheck={false}
          value={sought}
          onChange={({ target: { value } }) => {
            setSought(value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <ul id={id} role="listbox" aria-label="What fits">
          {found.map((command, index) => (
            <li
              key={command.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              ref={index === chosen ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
              onMouseMove={() => setAt(index)}
              onClick={() => run(command)}
            >
              <Icon name={command.icon} />
              <span className="name">{command.title}</span>
              <span className="muted">{command.kind}</span>
              {command.keys?.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </li>
          ))}
        </ul>
        {found.length === 0 && <p className="empty-text">Nothing is called so.</p>}
      </div>
    </Dialog>
  );
}

function useCommands(): Command[] {
  const navigate = useNavigate();
  const { namespace } = useParams({ strict: false });
  const names = useNamespaceNames() ?? [];
  const specs =
    namespace === undefined ? [] : (queryClient.getQueryData<NamespaceOverview>(overviewKey(namespace))?.specs ?? []);
  const keys = shortcuts.get().flat();
  const themes = ['system', 'light', 'dark'] as const;
  const zones = ['local', 'utc'] as const;
  return [
    ...specs.map(({ name }) => ({
      id: `spec ${name}`,
      title: shown(name),
      kind: 'work spec',
      icon: 'link' as const,
      run: () => void navigate({ to: '/n/$namespace/spec/$spec', params: { namespace: namespace!, spec: name } }),
    })),
    ...keys
      .filter(({ keys: key }) => !['p', '/', 'j', 'k'].includes(key))
      .map(({ keys: key, title, run }) => ({
        id: `key ${key}`,
        title,
        kind: 'do',
        icon: 'right' as const,
        keys: key,
        run,
      })),
    ...names.map((name) => ({
      id: `namespace ${name}`,
      title: shown(name),
      kind: 'namespace',
      icon: 'link' as const,
      run: () => void navigate({ to: '/n/$namespace', params: { namespace: name } }),
    })),
    ...themes.map((one) => ({
      id: one,
      title: `Theme: ${one}`,
      kind: 'do',
      icon: 'sun' as const,
      run: () => theme.set(one),
    })),
    ...zones.map((one) => ({
      id: one,
      title: `Times: ${one}`,
      kind: 'do',
      icon: 'clock' as const,
      run: () => zone.set(one),
    })),
  ];
}

/** What has all the words in it, those first that begin so. */
function search(all: readonly Command[], sought: string): Command[] {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = all.filter(({ title, kind }) => {
    const text = `${title} ${kind}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = ({ title }: Command): boolean => words.length > 0 && title.toLowerCase().startsWith(words[0]);
  return [...fitting.filter(begins), ...fitting.filter((one) => !begins(one))].slice(0, MOST);
}
