/** Boxes around groups that are names only. */
import type { Manifest } from '../../model/manifest.ts';
import type { Box } from './columns.ts';
import type { GroupBox } from './drawing.ts';
import { GROUP_PAD, GROUP_TITLE, titleWidth } from './measure.ts';

export interface PlainGroup {
  readonly id: string;
  /** The module it stands in. Absent: none. */
  readonly scope: string | undefined;
}

/** Groups that are names only, outer before inner. */
export function plainGroups({ groups, modules = [] }: Manifest): readonly PlainGroup[] {
  const ids = new Set(modules.map(({ id }) => id));
  return groups
    .filter(({ id }) => !ids.has(id))
    .map(({ id }) => ({
      id,
      scope: [...ids].filter((module) => id.startsWith(`${module}.`)).sort(byLength)[0],
    }));
}

function byLength(a: string, b: string): number {
  return b.length - a.length;
}

/** How many of the groups are around the innermost unit. */
export function nesting(units: readonly { readonly id: string }[], groups: readonly PlainGroup[]): number {
  if (groups.length === 0) return 0;
  return Math.max(0, ...units.map(({ id }) => groups.filter((group) => holds(group, id)).length));
}

interface Placed {
  readonly id: string;
  readonly box: Box;
}

/** True where the rectangle around what is in the group holds nothing else; the others keep the prefix in the id. */
export function boxable(group: PlainGroup, placed: readonly Placed[]): boolean {
  const inside = placed.filter(({ id }) => holds(group, id));
  if (inside.length === 0) return false;
  const around = rectangle(inside);
  return !placed.some(({ id, box }) => !holds(group, id) && overlap(box, around));
}

export function groupBox(
  group: PlainGroup,
  placed: readonly Placed[],
  boxed: readonly PlainGroup[],
): GroupBox {
  const levels = 1 + levelsBelow(group, boxed);
  const around = rectangle(placed.filter(({ id }) => holds(group, id)));
  const outer = boxed.filter((other) => holds(other, group.id)).map(({ id }) => id);
  const length = [...outer, group.scope ?? ''].reduce((most, id) => Math.max(most, id.length), 0);
  const label = length === 0 ? group.id : group.id.slice(length + 1);
  return {
    id: group.id,
    label,
    note: '',
    x: around.x - GROUP_PAD * levels,
    y: around.y - (GROUP_PAD + GROUP_TITLE) * levels,
    width: Math.max(around.width + 2 * GROUP_PAD * levels, titleWidth(label)),
    height: around.height + (2 * GROUP_PAD + GROUP_TITLE) * levels,
  };
}

function levelsBelow(group: PlainGroup, boxed: readonly PlainGroup[]): number {
  const inner = boxed.filter((other) => holds(group, other.id));
  return inner.reduce((most, other) => Math.max(most, 1 + levelsBelow(other, boxed)), 0);
}

function holds(group: PlainGroup, id: string): boolean {
  return id.startsWith(`${group.id}.`);
}

function rectangle(inside: readonly Placed[]): Box {
  const x = Math.min(...inside.map(({ box }) => box.x));
  const y = Math.min(...inside.map(({ box }) => box.y));
  const right = Math.max(...inside.map(({ box }) => box.x + box.width));
  const bottom = Math.max(...inside.map(({ box }) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
