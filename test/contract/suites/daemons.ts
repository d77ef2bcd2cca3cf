import { MINUTE } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { START } from '../world.js';

export function describeDaemons(w: World): void {
  describe('the daemons on the storage', () => {
    it('are told of with their versions and where they run; to ask is a sign of life', async () => {
      await w.health.opened();
      const [own] = await w.daemons.list();
      expect(own.id).toMatch(/^\S+$/);
      expect(own.version).toMatch(/^\d+\.\d+/);
      expect(own.host).not.toBe('');
      expect(own.pid).toBeGreaterThan(0);
      expect(own.seen).toBe(START);
      await w.advance(MINUTE);
      const [later, ...others] = await w.daemons.list();
      expect(later).toEqual({ ...own, seen: START + MINUTE });
      expect(others.map(({ id }) => id)).not.toContain(own.id);
    });
  });
}
