import { Store, useStore } from '../store.js';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'coordinate.theme';

const chosen = document.documentElement.dataset.theme;
export const theme = new Store<Theme>(chosen === 'dark' || chosen === 'light' ? chosen : 'system');

theme.subscribe(() => {
  const now = theme.get();
  if (now === 'system') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(KEY);
  } else {
    document.documentElement.dataset.theme = now;
    localStorage.setItem(KEY, now);
  }
});

const wish = matchMedia('(prefers-color-scheme: dark)');
const system = new Store(wish.matches);
wish.addEventListener('change', () => system.set(wish.matches));

/** What is shown: colours of pictures go by it. */
export function useTheme(): 'light' | 'dark' {
  const [now, isDark] = [useStore(theme), useStore(system)];
  return now === 'system' ? (isDark ? 'dark' : 'light') : now;
}
