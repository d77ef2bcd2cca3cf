import { Button } from '../components/Button.js';
import { Choice } from '../components/Fields.js';
import { Icon } from '../components/Icon.js';
import type { Theme } from '../components/theme.js';
import { theme } from '../components/theme.js';
import type { Viewer } from '../data/viewer.js';
import type { Zone } from '../format/times.js';
import { zone } from '../format/times.js';
import { useStore } from '../store.js';
import { WhoAmI } from './WhoAmI.js';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];
const ZONES: readonly (readonly [Zone, string])[] = [
  ['local', 'Local'],
  ['utc', 'UTC'],
];

/** Who one is, and how things are shown: a popover of the browser's own, which closes by Escape and by a click beside it. */
export function Settings({ viewer, onKeys }: { readonly viewer: Viewer | undefined; readonly onKeys: () => void }) {
  const isSignedIn = viewer?.asksWho === true && viewer.name !== undefined;
  return (
    <>
      <button type="button" className="button quiet who" popoverTarget="settings" title="Who you are, theme and zone">
        <Icon name={viewer?.readOnly ? 'pause' : 'down'} />
        <span className="who-name">{isSignedIn ? viewer.name : 'Settings'}</span>
      </button>
      <div id="settings" className="popover" popover="auto">
        {isSignedIn && <WhoAmI name={viewer.name} />}
        {viewer && !isSignedIn && <p className="popover-text">Whoever reaches this daemon may do everything.</p>}
        {viewer?.readOnly && <p className="popover-text">This page only looks: it was started with -ui read-only.</p>}
        <Choice label="Theme" options={THEMES} value={useStore(theme)} onChange={theme.set} />
        <Choice label="Zone of times" options={ZONES} value={useStore(zone)} onChange={zone.set} />
        <Button
          kind="quiet"
          icon="keyboard"
          onClick={() => {
            document.getElementById('settings')?.hidePopover();
            onKeys();
          }}
        >
          Keys
        </Button>
        <a className="button quiet" href="../docs">
          <Icon name="link" />
          REST interface
        </a>
      </div>
    </>
  );
}
