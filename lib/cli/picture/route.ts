/** Lines from box to box of one scope, around the boxes between. */
import type { Box } from './columns.ts';

export type Points = readonly (readonly [number, number])[];

/** Between a box and a line that passes it, and between two such lines. */
const CLEAR = 8;
const LANE_STEP = 6;
/** Where a column is as full as this, lines may cross boxes. */
const LANE_REACH = 600;

/** A box and the column it stands in. */
export interface Placed {
  readonly box: Box;
  readonly column: number;
}

/** Gives the way from one box to another; each remembers the lines drawn before. */
export function router(placed: readonly Placed[]): (from: Placed, to: Placed) => Points {
  const byColumn: Box[][] = [];
  for (const { box, column } of placed) {
    byColumn[column] ??= [];
    byColumn[column]?.push(box);
  }
  const lanes = new Map<number, number[]>();
  return (from, to) => route(from, to, byColumn, lanes);
}

/** From the right of one box to the left of the other, past the boxes of the columns between them. */
function route(
  from: Placed,
  to: Placed,
  byColumn: readonly (readonly Box[])[],
  lanes: Map<number, number[]>,
): Points {
  const start = [from.box.x + from.box.width, from.box.y + from.box.height / 2] as const;
  const end = [to.box.x, to.box.y + to.box.height / 2] as const;
  const between: (readonly [number, number])[] = [];
  let y: number = start[1];
  for (let column = from.column + 1; column < to.column; column++) {
    const boxes = byColumn[column] ?? [];
    if (boxes.length === 0) continue;
    const left = Math.min(...boxes.map((box) => box.x));
    const right = Math.max(...boxes.map((box) => box.x + box.width));
    // Towards the target's height, on the nearest free line.
    y = freeLine(y + (end[1] - y) / (to.column - column + 1), boxes, laneOf(column, lanes));
    between.push([left, y], [right, y]);
  }
  return [start, ...between, end];
}

function laneOf(column: number, lanes: Map<number, number[]>): number[] {
  const known = lanes.get(column);
  if (known !== undefined) return known;
  const lane: number[] = [];
  lanes.set(column, lane);
  return lane;
}

/** The height nearest to `wanted` with no box and no other line near it; it is taken then. */
function freeLine(wanted: number, boxes: readonly Box[], lane: number[]): number {
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
