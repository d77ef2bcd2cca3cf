import { Dialog } from '../components/Dialog.js';
import { shortcuts } from '../keys/shortcuts.js';
import { useStore } from '../store.js';

/** All keys that do something here. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  const all = useStore(shortcuts).flat();
  const first = all.filter(({ keys }, at) => all.findIndex((one) => one.keys === keys) === at);
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys dialog-body">
        {first.map(({ keys, title }) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>Open the row</dd>
        </div>
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>Close</dd>
        </div>
      </dl>
    </Dialog>
  );
}
