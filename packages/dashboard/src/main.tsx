import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './data/query-client.js';
import { listenToKeys } from './keys/shortcuts.js';
import { router } from './router.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/components.css';
import './styles/overlays.css';
import './styles/fields.css';
import './styles/figures.css';
import './styles/table.css';
import './styles/spec.css';
import './styles/units.css';

// A tab that was open while the daemon was replaced asks for files that are gone: it begins anew, once.
window.addEventListener('vite:preloadError', (event) => {
  const last = Number(sessionStorage.getItem('coordinate.reloaded') ?? 0);
  if (Date.now() - last < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem('coordinate.reloaded', String(Date.now()));
  location.reload();
});

listenToKeys();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
