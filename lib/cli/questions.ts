import { nameOf, type Question } from '../local/approval-files.ts';
import { commandName } from './command-name.ts';
import type { Terminal } from './terminal.ts';
import { clip } from './words.ts';

export interface QuestionContext {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly terminal: Pick<Terminal, 'paint'>;
}

/** A question for a person, with the command that answers it. */
export function askLines(
  question: Question,
  runId: string,
  { root, terminal: { paint } }: QuestionContext,
): readonly string[] {
  const name = nameOf(question);
  const label = question.label === undefined ? '' : ` (${question.label})`;
  // Shells read brackets as patterns.
  const task = question.instance === undefined ? name : `'${name}'`;
  const others = question.choices.length > 1 ? ` [--choice ${question.choices.join('|')}]` : '';
  return [
    `${paint('yellow', '?')} ${paint('bold', name)}${label} asks: ${clip(question.message, 1000)}`,
    `  ${commandName(root)} approve ${runId} ${task}${paint('gray', others)}`,
  ];
}
