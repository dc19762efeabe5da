/** Where everything of a DAG is drawn, in pixels. */
import type { Manifest, ManifestModule, ManifestTask } from '../../model/manifest.ts';
import { type Box, inColumns, type Size } from './columns.ts';
import { boxable, groupBox, nesting, type PlainGroup, plainGroups } from './groups.ts';
import * as measure from './measure.ts';
import { type Placed, type Points, router } from './route.ts';
import { type PictureUnit, pictureUnits } from './scopes.ts';
import { repeatTexts } from './words.ts';

export type { Box } from './columns.ts';

export interface NodeBox extends Box {
  readonly task: ManifestTask;
  /** The id without the prefix that a box around it names, clipped. */
  readonly label: string;
  /** Lines under it: kind and rule, then what repeats and bounds it. */
  readonly notes: readonly string[];
  /** Drawn as a stack: one of several runs. */
  readonly isStack: boolean;
}

export interface GroupBox extends Box {
  readonly id: string;
  /** The id without the outer box's. */
  readonly label: string;
  /** What repeats it. */
  readonly note: string;
  /** Absent: a name only. */
  readonly kind?: ManifestModule['kind'];
}

export interface EdgeLine {
  readonly from: string;
  readonly to: string;
  /** Points it passes, the ends included. */
  readonly points: Points;
  readonly label?: string;
}

export interface Drawing extends Size {
  readonly nodes: readonly NodeBox[];
  /** Outer before inner. */
  readonly groups: readonly GroupBox[];
  readonly edges: readonly EdgeLine[];
}

/** The DAG from left to right; the boxes of maps, group retries and loops hold what they repeat. */
export function draw(manifest: Manifest): Drawing {
  const plain = plainGroups(manifest);
  const units = wholeRun(manifest);
  const first = drawn(units, { plain, boxed: plain });
  const ids = new Set(first.groups.map(({ id }) => id));
  const boxed = plain.filter(({ id }) => ids.has(id));
  // Where a group cannot have a box its tasks are called by their whole ids, which are wider.
  return boxed.length === plain.length ? first : drawn(units, { plain, boxed });
}

/** A run that is tried again as a whole is drawn in a box of its own. */
function wholeRun(manifest: Manifest): readonly PictureUnit[] {
  const inside = pictureUnits(manifest);
  const { runRetries: attempts } = manifest;
  if (attempts === undefined) return inside;
  const place = { id: '', upstream: [], triggerRule: 'all_success', layout: { column: 0, row: 0 } } as const;
  return [{ ...place, column: 0, row: 0, inside, module: { ...place, kind: 'retry', attempts } }];
}

interface Groups {
  /** Every group that is a name only. */
  readonly plain: readonly PlainGroup[];
  /** Those that have a box. */
  readonly boxed: readonly PlainGroup[];
}

function drawn(units: readonly PictureUnit[], groups: Groups): Drawing {
  const whole = laidOut(units, undefined, groups);
  const parts: Parts = { nodes: [], groups: [], edges: [] };
  place(whole, { x: measure.MARGIN, y: measure.MARGIN }, parts);
  return {
    width: whole.size.width + 2 * measure.MARGIN,
    height: whole.size.height + 2 * measure.MARGIN,
    ...parts,
  };
}

/** One scope with places from its own corner. */
interface Laid {
  readonly size: Size;
  readonly items: readonly Item[];
  readonly groups: readonly GroupBox[];
}

interface Item {
  readonly unit: PictureUnit;
  readonly box: Box;
  /** The id without what boxes around it say. */
  readonly label: string;
  readonly inside?: Laid;
}

function laidOut(units: readonly PictureUnit[], scope: string | undefined, groups: Groups): Laid {
  const isHere = (group: PlainGroup) => group.scope === (scope === '' ? undefined : scope);
  const boxed = groups.boxed.filter(isHere);
  const drafts = units.map((unit) => {
    const label = labelOf(unit.id, scope, boxed);
    if (unit.inside.length === 0) return { unit, label, size: measure.nodeSize(unit, label) };
    const inside = laidOut(unit.inside, unit.id, groups);
    return { unit, label, inside, size: measure.moduleSize(unit, label, inside.size) };
  });
  const depth = nesting(units, groups.plain.filter(isHere));
  const sizes = new Map(drafts.map(({ unit, size }) => [unit.id, size]));
  const boxes = inColumns(units, sizes, measure.gaps(depth));
  const [left, top] = measure.inset(depth);
  const items = drafts.map(({ size: _size, ...draft }) => {
    const { x, y, width, height } = boxes.get(draft.unit.id) ?? { x: 0, y: 0, width: 0, height: 0 };
    return { ...draft, box: { x: x + left, y: y + top, width, height } };
  });
  const inner = items.map(({ unit: { id }, box }) => ({ id, box }));
  const groupBoxes = boxed
    .filter((group) => boxable(group, inner))
    .map((group) => groupBox(group, inner, boxed));
  const all = [...items.map(({ box }) => box), ...groupBoxes];
  const right = all.reduce((most, box) => Math.max(most, box.x + box.width), 0);
  const bottom = all.reduce((most, box) => Math.max(most, box.y + box.height), 0);
  return { size: { width: right, height: bottom }, items, groups: groupBoxes };
}

function labelOf(id: string, scope: string | undefined, boxed: readonly PlainGroup[]): string {
  if (id === '') return 'the whole run';
  const prefixes = boxed.map((group) => group.id).filter((group) => id.startsWith(`${group}.`));
  const length = [scope ?? '', ...prefixes].reduce((most, prefix) => Math.max(most, prefix.length), 0);
  return measure.clipLabel(length === 0 ? id : id.slice(length + 1));
}

interface Parts {
  readonly nodes: NodeBox[];
  readonly groups: GroupBox[];
  readonly edges: EdgeLine[];
}

/** Notes everything of a scope at its place in the picture. */
function place(
  { items, groups }: Laid,
  corner: { readonly x: number; readonly y: number },
  parts: Parts,
): void {
  const moved = <T extends Box>(box: T): T => ({ ...box, x: box.x + corner.x, y: box.y + corner.y });
  parts.groups.push(...groups.map(moved));
  const placed = new Map(
    items.map(({ unit, box }) => [unit.id, { box: moved(box), column: unit.column }] as const),
  );
  for (const { unit, label, inside, box } of items) {
    const at = moved(box);
    const { task, module } = unit;
    if (task)
      parts.nodes.push({ ...at, task, label, notes: measure.notesOf(unit), isStack: module !== undefined });
    if (module === undefined || inside === undefined) continue;
    const note = repeatTexts(module).join(' · ');
    parts.groups.push({ ...at, id: unit.id, label, note, kind: module.kind });
    place(inside, measure.contentOf(at, module.kind, inside.size), parts);
  }
  parts.edges.push(...linesOf(items, placed));
}

function linesOf(items: readonly Item[], placed: ReadonlyMap<string, Placed>): readonly EdgeLine[] {
  const way = router([...placed.values()]);
  return items.flatMap(({ unit }) =>
    unit.upstream.flatMap(({ task, labels }) => {
      const [from, to] = [placed.get(task), placed.get(unit.id)];
      if (from === undefined || to === undefined) return [];
      const text = labels === undefined ? {} : { label: measure.clipEdge(labels.join(', ')) };
      return [{ from: task, to: unit.id, points: way(from, to), ...text }];
    }),
  );
}
