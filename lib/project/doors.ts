/**
 * The modules of this package that files may import, by the name they import them under. Files get the
 * very instance that runs here, never a copy: bodies, collections and error classes must be the same.
 */

type Door = Readonly<Record<string, unknown>>;

const DOORS = new Map<string, () => Promise<Door>>([['tutti', () => import('../index.ts')]]);

/** Offers one more door: what a CDK app never loads is offered by the command line alone. */
export function offerDoor(name: string, load: () => Promise<Door>): void {
  DOORS.set(name, load);
}

export function isDoor(name: string): boolean {
  return DOORS.has(name);
}

/** What a door exports. */
export async function openDoor(name: string): Promise<Door> {
  return (await DOORS.get(name)?.()) ?? {};
}
