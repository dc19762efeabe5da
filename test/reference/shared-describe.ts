import { describe } from 'vitest';
import { hasShared } from './shared.ts';

/** `describe` for what needs the shared material: skipped, with one line saying so, where it is absent. */
export function sharedDescribe(name: string, body: () => void): void {
  describe.skipIf(!hasShared && !REQUIRED)(
    hasShared ? name : `${name} (needs ../shared, which is not here)`,
    body,
  );
}

const REQUIRED = process.env['TUTTI_REQUIRE_SHARED'] === '1';
