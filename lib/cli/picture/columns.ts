/** Boxes of one scope in columns, each as near as can be to the middle of its neighbours. */
import type { PictureUnit } from './scopes.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Gaps {
  readonly columns: number;
  readonly rows: number;
}

/** Sweeps over the columns, forth and back. */
const SWEEPS = 6;

/** A box for every unit, from 0 0; none touches another. In a column they keep the order of their rows. */
export function inColumns(
  units: readonly PictureUnit[],
  sizes: ReadonlyMap<string, Size>,
  gaps: Gaps,
): ReadonlyMap<string, Box> {
  const columns = columnsOf(units);
  const heights = columns.map((column) => column.map(({ id }) => sizes.get(id)?.height ?? 0));
  const middles = middlesOf(columns, heights, gaps.rows);
  const tops = columns.flatMap((column, at) =>
    column.map(({ id }, index) => (middles.get(id) ?? 0) - (heights[at]?.[index] ?? 0) / 2),
  );
  const top = tops.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const boxes = new Map<string, Box>();
  let x = 0;
  for (const column of columns) {
    const width = column.reduce((most, { id }) => Math.max(most, sizes.get(id)?.width ?? 0), 0);
    const widest = column.reduce(
      (most, { id, module }) => (module ? most : Math.max(most, sizes.get(id)?.width ?? 0)),
      0,
    );
    for (const { id, module } of column) {
      const size = sizes.get(id) ?? { width, height: 0 };
      // Tasks are as wide as each other; stacks and boxes keep their size.
      const own = module ? size.width : widest;
      const y = Math.round((middles.get(id) ?? 0) - size.height / 2 - top);
      boxes.set(id, { x: Math.round(x + (width - own) / 2), y, width: own, height: size.height });
    }
    x += width + gaps.columns;
  }
  return boxes;
}

function columnsOf(units: readonly PictureUnit[]): readonly (readonly PictureUnit[])[] {
  const columns: PictureUnit[][] = [];
  for (const unit of units) {
    columns[unit.column] ??= [];
    columns[unit.column]?.push(unit);
  }
  return columns.map((column) => column.sort((a, b) => a.row - b.row));
}

/** Height of the middle of each unit. */
function middlesOf(
  columns: readonly (readonly PictureUnit[])[],
  heights: readonly (readonly number[])[],
  gap: number,
): ReadonlyMap<string, number> {
  const neighbours = neighboursOf(columns);
  const middles = new Map<string, number>();
  const settle = (at: number, wanted: readonly number[]) => {
    const placed = spread(wanted, heights[at] ?? [], gap);
    for (const [index, { id }] of (columns[at] ?? []).entries()) middles.set(id, placed[index] ?? 0);
  };
  for (const [at, column] of columns.entries())
    settle(
      at,
      column.map(() => 0),
    );
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    const near = forward ? neighbours.above : neighbours.below;
    const order = [...columns.keys()];
    for (const at of forward ? order : order.reverse()) {
      settle(
        at,
        (columns[at] ?? []).map(({ id }) => mean(near.get(id), middles) ?? middles.get(id) ?? 0),
      );
    }
  }
  return middles;
}

type Neighbours = ReadonlyMap<string, readonly string[]>;

function neighboursOf(columns: readonly (readonly PictureUnit[])[]): {
  above: Neighbours;
  below: Neighbours;
} {
  const above = new Map<string, string[]>();
  const below = new Map<string, string[]>();
  for (const { id, upstream } of columns.flat()) {
    above.set(
      id,
      upstream.map(({ task }) => task),
    );
    for (const { task } of upstream) {
      const known = below.get(task);
      if (known) known.push(id);
      else below.set(task, [id]);
    }
  }
  return { above, below };
}

function mean(ids: readonly string[] | undefined, middles: ReadonlyMap<string, number>): number | undefined {
  const found = (ids ?? []).flatMap((id) => middles.get(id) ?? []);
  return found.length === 0 ? undefined : found.reduce((sum, value) => sum + value, 0) / found.length;
}

/** Middles nearest to the wanted ones (least squares) that keep the order and the gap. */
function spread(wanted: readonly number[], heights: readonly number[], gap: number): readonly number[] {
  // Where each would be with all packed together; the rest is a line that never falls: equal steps are merged.
  const packed: number[] = [];
  for (const [index, height] of heights.entries()) {
    const last = packed.at(-1);
    packed.push(last === undefined ? 0 : last + ((heights[index - 1] ?? 0) + height) / 2 + gap);
  }
  const blocks: { sum: number; count: number }[] = [];
  for (const [index, value] of wanted.entries()) {
    let block = { sum: value - (packed[index] ?? 0), count: 1 };
    for (
      let last = blocks.at(-1);
      last && last.sum / last.count > block.sum / block.count;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: block.sum + last.sum, count: block.count + last.count };
    }
    blocks.push(block);
  }
  const shifts = blocks.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count));
  return packed.map((value, index) => value + (shifts[index] ?? 0));
}
