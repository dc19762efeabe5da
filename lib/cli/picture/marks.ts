/** Shapes of nodes and boxes, as SVG. */
import type { ManifestTask } from '../../model/manifest.ts';
import type { Box } from './columns.ts';
import type { GroupBox } from './drawing.ts';
import { STACK } from './measure.ts';

/** The outline of a task: what decides where to go has pointed sides, what begins and ends round ones. */
export function outline(task: ManifestTask, box: Box): string {
  const { x, y, width, height } = box;
  if (['branch', 'choose', 'shortCircuit'].includes(task.kind)) {
    return `<path class="node" d="${hexagon(box)}"/>`;
  }
  const round = task.kind === 'setup' || task.kind === 'teardown' ? Math.min(22, height / 2) : 7;
  const waits = isWaiting(task) ? ' waits' : '';
  return `<rect class="node${waits}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>`;
}

function hexagon({ x, y, width, height }: Box): string {
  const [point, middle] = [10, y + height / 2];
  return `M${x} ${middle}L${x + point} ${y}H${x + width - point}L${x + width} ${middle}L${x + width - point} ${y + height}H${x + point}Z`;
}

/** The front card of a stack. */
export function front({ x, y, width, height }: Box): Box {
  return { x, y: y + STACK, width: width - STACK, height: height - STACK };
}

/** The cards behind the front one. */
export function cardsBehind(card: Box, className: string, round: number): string {
  const { x, y, width, height } = card;
  return [STACK, STACK / 2]
    .map(
      (off) =>
        `<rect class="${className}" x="${x + off}" y="${y - off}" width="${width}" height="${height}" rx="${round}"/>`,
    )
    .join('');
}

function isWaiting({ kind }: ManifestTask): boolean {
  return kind === 'approve' || kind.startsWith('sensor.');
}

/** A clock on what waits, a person on what asks one. */
export function badge(task: ManifestTask, { x, y, width }: Box): string {
  if (!isWaiting(task)) return '';
  const [cx, cy] = [x + width - 4, y + 1];
  const sign =
    task.kind === 'approve'
      ? `<circle class="sign" cx="${cx}" cy="${cy - 2.5}" r="2.2"/><path class="sign" d="M${cx - 4} ${cy + 5}a4 4 0 0 1 8 0"/>`
      : `<path class="sign" d="M${cx} ${cy - 4.5}V${cy}L${cx + 3} ${cy + 2}"/>`;
  return `<circle class="badge" cx="${cx}" cy="${cy}" r="8"/>${sign}`;
}

/** Under what is repeated, from its end back to its beginning. */
export function wayBack({ x, y, width, height }: GroupBox): string {
  const bottom = y + height - 13;
  return `<path class="back" d="M${x + width - 16} ${bottom - 12}v4q0 8 -8 8H${x + 24}q-8 0 -8 -8v-6" marker-end="url(#back)"/>`;
}
