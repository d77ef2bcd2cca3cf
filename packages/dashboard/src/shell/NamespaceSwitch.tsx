import { useNavigate, useParams } from '@tanstack/react-router';
import { useNamespaceNames } from '../data/namespaces.js';
import { shown } from '../names.js';

/** Which namespace is shown, and the way to another one: the browser's own list, which is at home on a telephone as well. */
export function NamespaceSwitch() {
  const { namespace } = useParams({ strict: false });
  const names = useNamespaceNames();
  const navigate = useNavigate();
  if (namespace === undefined) return null;
  const all = names?.includes(namespace) ? names : [namespace, ...(names ?? [])];
  return (
    <label className="namespace-switch">
      <span className="sr-only">Namespace</span>
      <select
        value={namespace}
        onChange={({ target: { value } }) => void navigate({ to: '/n/$namespace', params: { namespace: value } })}
      >
        {all.map((name) => (
          <option key={name} value={name}>
            {shown(name)}
          </option>
        ))}
      </select>
    </label>
  );
}
