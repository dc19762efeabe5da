import { userInfo } from 'node:os';
import type { Actor } from '../../orchestrator/ports.ts';

/** Who types. A user without an entry has no name: containers have such. */
export function actorHere(): Actor {
  return { name: userName() ?? 'somebody', via: 'cli' };
}

/** Who is logged in here. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
