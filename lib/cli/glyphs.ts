import type { TaskRun } from '../history/task-run.ts';
import type { Paint, Style } from './terminal.ts';

/** A state as a person sees it: glyph, colour and text, never colour alone. */
const LOOKS: Readonly<Record<TaskRun['state'], readonly [glyph: string, style: Style, text: string]>> = {
  none: ['○', 'gray', 'not started'],
  scheduled: ['◷', 'gray', 'scheduled'],
  queued: ['◷', 'cyan', 'queued'],
  running: ['▶', 'blue', 'running'],
  waiting: ['◔', 'cyan', 'waiting'],
  up_for_retry: ['↻', 'yellow', 'up for retry'],
  success: ['✓', 'green', 'success'],
  failed: ['✕', 'red', 'failed'],
  skipped: ['⤼', 'magenta', 'skipped'],
  upstream_failed: ['⊘', 'yellow', 'upstream failed'],
  cancelled: ['■', 'gray', 'cancelled'],
};

const OPEN: ReadonlySet<TaskRun['state']> = new Set([
  'none',
  'scheduled',
  'queued',
  'running',
  'waiting',
  'up_for_retry',
]);

export function glyphOf(state: TaskRun['state'], paint: Paint): string {
  const [glyph, style] = LOOKS[state];
  return paint(style, glyph);
}

/** `✓ success`, in the state's colour. */
export function stateText(state: TaskRun['state'], paint: Paint): string {
  const [glyph, style, text] = LOOKS[state];
  return paint(style, `${glyph} ${text}`);
}

/** True for a state that no longer changes. */
export function isFinal(state: TaskRun['state']): boolean {
  return !OPEN.has(state);
}
