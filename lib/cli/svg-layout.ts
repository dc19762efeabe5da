import type { Manifest, ManifestTask } from '../model/manifest.ts';
import { outerOf } from './render-mermaid.ts';
import { clip } from './words.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface NodeBox extends Box {
  readonly task: ManifestTask;
  /** The id without its group's prefix where a box names the group, clipped. */
  readonly label: string;
  /** Kind, and the trigger rule where it is not the default. */
  readonly note: string;
}

export interface GroupBox extends Box {
  readonly id: string;
  /** The id without the outer group's. */
  readonly label: string;
}

export interface EdgeLine {
  readonly from: string;
  readonly to: string;
  /** Points it passes, the ends included. */
  readonly points: readonly (readonly [number, number])[];
  readonly label?: string;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly NodeBox[];
  readonly groups: readonly GroupBox[];
  readonly edges: readonly EdgeLine[];
}

/** Advance of one character of the node's monospaced text, 13 px and 10.5 px. */
const CHAR = 7.85;
const SMALL_CHAR = 6.35;
const NODE_HEIGHT = 44;
const ROW_PITCH = 72;
const COLUMN_GAP = 64;
const MARGIN = 28;
const GROUP_PAD = 12;
const GROUP_TITLE = 16;
const LABEL_LIMIT = 36;
/** Between a box and a line that passes it, and between two such lines. */
const CLEAR = 8;
const LANE_STEP = 6;
/** Where a column is as full as this, lines may cross boxes. */
const LANE_REACH = 600;

/** Where everything of the DAG is drawn, in pixels: tasks at their column and row of the manifest. */
export function layOut(manifest: Manifest): Drawing {
  const boxed = boxableGroups(manifest);
  const nodes = placeNodes(manifest, boxed);
  const byId = new Map(nodes.map((node) => [node.task.id, node]));
  const groups = boxed.map((id) => groupBox(id, manifest, byId));
  const lanes: Lanes = new Map();
  const byColumn = columnsOf(nodes);
  const edges = manifest.tasks.flatMap((task) =>
    task.upstream.flatMap((edge) => {
      const [from, to] = [byId.get(edge.task), byId.get(task.id)];
      if (from === undefined || to === undefined) return [];
      const label = edge.labels === undefined ? {} : { label: clip(edge.labels.join(', '), 20) };
      return [{ from: edge.task, to: task.id, points: route(from, to, byColumn, lanes), ...label }];
    }),
  );
  const right = Math.max(0, ...[...nodes, ...groups].map((box) => box.x + box.width));
  const bottom = Math.max(0, ...[...nodes, ...groups].map((box) => box.y + box.height));
  return { width: right + MARGIN, height: bottom + MARGIN, nodes, groups, edges };
}

/** Groups whose rectangle of columns and rows holds their own tasks only; the others keep the prefix in the id. */
function boxableGroups(manifest: Manifest): readonly string[] {
  return manifest.groups.flatMap(({ id }) => {
    const inside = manifest.tasks.filter((task) => task.id.startsWith(`${id}.`));
    if (inside.length === 0) return [];
    const [columns, rows] = [inside.map((task) => task.layout.column), inside.map((task) => task.layout.row)];
    const stranger = manifest.tasks.some(
      ({ id: other, layout }) =>
        !other.startsWith(`${id}.`) &&
        layout.column >= Math.min(...columns) &&
        layout.column <= Math.max(...columns) &&
        layout.row >= Math.min(...rows) &&
        layout.row <= Math.max(...rows),
    );
    return stranger ? [] : [id];
  });
}

function placeNodes(manifest: Manifest, boxed: readonly string[]): readonly NodeBox[] {
  const drafts = manifest.tasks.map((task) => {
    const group = boxed.filter((id) => task.id.startsWith(`${id}.`)).sort((a, b) => b.length - a.length)[0];
    const label = clip(group === undefined ? task.id : task.id.slice(group.length + 1), LABEL_LIMIT);
    const note =
      task.triggerRule === 'all_success' || task.kind === 'teardown'
        ? task.kind
        : `${task.kind} · ${task.triggerRule}`;
    return {
      task,
      label,
      note,
      width: Math.ceil(Math.max(label.length * CHAR, note.length * SMALL_CHAR)) + 28,
    };
  });
  const widths: number[] = new Array(1 + Math.max(0, ...drafts.map(({ task }) => task.layout.column))).fill(
    0,
  );
  for (const { task, width } of drafts) {
    widths[task.layout.column] = Math.max(widths[task.layout.column] ?? 0, width);
  }
  const depth = nesting(manifest, boxed);
  const starts: number[] = [];
  let x = MARGIN + depth * GROUP_PAD;
  for (const [column, width] of widths.entries()) {
    starts[column] = x;
    x += width + COLUMN_GAP + depth * GROUP_PAD;
  }
  const pitch = ROW_PITCH + depth * (GROUP_TITLE + GROUP_PAD);
  const top = MARGIN + depth * (GROUP_TITLE + GROUP_PAD);
  return drafts.map((draft) => ({
    ...draft,
    x: starts[draft.task.layout.column] ?? 0,
    y: top + draft.task.layout.row * pitch,
    width: widths[draft.task.layout.column] ?? draft.width,
    height: NODE_HEIGHT,
  }));
}

function columnsOf(nodes: readonly NodeBox[]): readonly (readonly NodeBox[])[] {
  const columns: NodeBox[][] = [];
  for (const node of nodes) {
    columns[node.task.layout.column] ??= [];
    columns[node.task.layout.column]?.push(node);
  }
  return columns;
}

/** How many boxes are around the innermost task. */
function nesting(manifest: Manifest, boxed: readonly string[]): number {
  return Math.max(
    0,
    ...manifest.tasks.map(({ id }) => boxed.filter((group) => id.startsWith(`${group}.`)).length),
  );
}

function groupBox(id: string, manifest: Manifest, byId: ReadonlyMap<string, NodeBox>): GroupBox {
  const inside = [...byId.values()].filter(({ task }) => task.id.startsWith(`${id}.`));
  const pad = GROUP_PAD * (1 + levelsBelow(id, manifest));
  const title = GROUP_TITLE * (1 + levelsBelow(id, manifest));
  const left = Math.min(...inside.map((box) => box.x)) - pad;
  const top = Math.min(...inside.map((box) => box.y)) - pad - title;
  const right = Math.max(...inside.map((box) => box.x + box.width)) + pad;
  const bottom = Math.max(...inside.map((box) => box.y + box.height)) + pad;
  const outer = outerOf(id, manifest);
  const label = outer === undefined ? id : id.slice(outer.length + 1);
  return {
    id,
    label,
    x: left,
    y: top,
    width: Math.max(right - left, label.length * SMALL_CHAR + 24),
    height: bottom - top,
  };
}

function levelsBelow(id: string, manifest: Manifest): number {
  const inner = manifest.groups.filter((group) => outerOf(group.id, manifest) === id);
  return inner.length === 0 ? 0 : 1 + Math.max(...inner.map((group) => levelsBelow(group.id, manifest)));
}

/** Heights that lines take already, by the column they pass. */
type Lanes = Map<number, number[]>;

/** From the right of one box to the left of the other, past the boxes of the columns between them. */
function route(
  from: NodeBox,
  to: NodeBox,
  byColumn: readonly (readonly NodeBox[])[],
  lanes: Lanes,
): EdgeLine['points'] {
  const start = [from.x + from.width, from.y + from.height / 2] as const;
  const end = [to.x, to.y + to.height / 2] as const;
  const between: (readonly [number, number])[] = [];
  let y: number = start[1];
  for (let column = from.task.layout.column + 1; column < to.task.layout.column; column++) {
    const boxes = byColumn[column] ?? [];
    const [first] = boxes;
    if (first === undefined) continue;
    // Towards the target's height, on the nearest free line.
    y = freeLine(y + (end[1] - y) / (to.task.layout.column - column + 1), boxes, laneOf(column, lanes));
    between.push([first.x, y], [first.x + first.width, y]);
  }
  return [start, ...between, end];
}

function laneOf(column: number, lanes: Lanes): number[] {
  const known = lanes.get(column);
  if (known !== undefined) return known;
  const lane: number[] = [];
  lanes.set(column, lane);
  return lane;
}

/** The height nearest to `wanted` with no box and no other line near it; it is taken then. */
function freeLine(wanted: number, boxes: readonly NodeBox[], lane: number[]): number {
  for (let away = 0; away < LANE_REACH; away += LANE_STEP) {
    for (const y of [wanted + away, wanted - away]) {
      const blocked = boxes.some((box) => y > box.y - CLEAR && y < box.y + box.height + CLEAR);
      if (blocked || lane.some((other) => Math.abs(other - y) < LANE_STEP)) continue;
      lane.push(y);
      return y;
    }
  }
  return wanted;
}
