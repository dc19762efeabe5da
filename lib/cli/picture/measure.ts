/** Sizes of nodes and boxes, in pixels, from the text that they hold. */
import type { ManifestModule } from '../../model/manifest.ts';
import { clip } from '../words.ts';
import type { Box, Gaps, Size } from './columns.ts';
import type { PictureUnit } from './scopes.ts';
import { boundTexts, kindText, repeatTexts } from './words.ts';

/** Advance of one character of the monospaced text of 13, 11 and 10.5 px. */
const CHAR = 7.85;
const TITLE_CHAR = 6.65;
const SMALL_CHAR = 6.35;
const NODE_HEIGHT = 30;
export const NOTE_HEIGHT = 14;
/** Longest line of notes, in characters; a longer single note has a line of its own. */
const NOTE_LIMIT = 26;
const LABEL_LIMIT = 36;
const EDGE_LIMIT = 20;
const COLUMN_GAP = 64;
const ROW_GAP = 28;
export const MARGIN = 28;
export const GROUP_PAD = 12;
export const GROUP_TITLE = 16;
const MODULE_PAD = 22;
const MODULE_TITLE = 26;
/** Room for the arrow that leads back. */
const BACK = 20;
/** How far the cards of a stack look out behind the front one, to the top and to the right. */
export const STACK = 8;

export function clipLabel(label: string): string {
  return clip(label, LABEL_LIMIT);
}

export function clipEdge(label: string): string {
  return clip(label, EDGE_LIMIT);
}

/** Lines under a task's name. */
export function notesOf({ task, module }: PictureUnit): readonly string[] {
  if (task === undefined) return [];
  const lines = [kindText(module ? { ...task, triggerRule: module.triggerRule } : task)];
  for (const note of [...(module ? repeatTexts(module) : []), ...boundTexts(task)]) {
    const last = lines.at(-1) ?? '';
    const together = `${last} · ${note}`;
    // The kind, and how often, stand for themselves.
    if (lines.length > 1 && together.length <= NOTE_LIMIT) lines[lines.length - 1] = together;
    else lines.push(note);
  }
  return lines;
}

export function nodeSize(unit: PictureUnit, label: string): Size {
  const notes = notesOf(unit);
  const longest = notes.reduce((most, note) => Math.max(most, note.length), 0);
  const stack = unit.module ? STACK : 0;
  return {
    width: Math.ceil(Math.max(label.length * CHAR, longest * SMALL_CHAR)) + 28 + stack,
    height: NODE_HEIGHT + NOTE_HEIGHT * notes.length + stack,
  };
}

export function titleWidth(label: string, note = ''): number {
  return Math.ceil(label.length * TITLE_CHAR + (note === '' ? 0 : (note.length + 3) * SMALL_CHAR)) + 24;
}

/** Of the box around what a module repeats. */
export function moduleSize({ module }: PictureUnit, label: string, inside: Size): Size {
  const stack = module?.kind === 'map' ? STACK : 0;
  const back = module?.kind === 'map' ? 0 : BACK;
  const title = titleWidth(label, module ? repeatTexts(module).join(' · ') : '');
  return {
    width: Math.max(inside.width + 2 * MODULE_PAD, title + 8) + stack,
    height: inside.height + MODULE_TITLE + MODULE_PAD + back + stack,
  };
}

/** Upper left corner of what is inside such a box, in the middle of it. */
export function contentOf(
  { x, y, width }: Box,
  kind: ManifestModule['kind'],
  inside: Size,
): { readonly x: number; readonly y: number } {
  const stack = kind === 'map' ? STACK : 0;
  return { x: x + Math.round((width - stack - inside.width) / 2), y: y + MODULE_TITLE + stack };
}

/** Between columns and rows, with so many boxes of groups in each other. */
export function gaps(depth: number): Gaps {
  return {
    columns: COLUMN_GAP + depth * GROUP_PAD,
    rows: ROW_GAP + depth * (GROUP_TITLE + GROUP_PAD),
  };
}

/** Room for such boxes to the left and at the top. */
export function inset(depth: number): readonly [left: number, top: number] {
  return [depth * GROUP_PAD, depth * (GROUP_TITLE + GROUP_PAD)];
}
