import type { Message, Notifier } from '../../orchestrator/ports.ts';
import type { Style, Terminal } from '../terminal.ts';

const LOOKS: Readonly<Record<Message['kind'], readonly [glyph: string, style: Style]>> = {
  failed: ['✕', 'red'],
  recovered: ['✓', 'green'],
  success: ['✓', 'green'],
  late: ['!', 'yellow'],
  retry: ['↻', 'yellow'],
  skipped: ['⤼', 'magenta'],
  paused: ['⏸', 'yellow'],
};

/** How the runs of a command end, it says itself. */
const SAID: readonly Message['kind'][] = ['failed', 'recovered', 'success'];

/** Tells whoever typed a command. */
export function consoleNotifier(terminal: Pick<Terminal, 'warn' | 'paint'>): Notifier {
  return {
    notify: async (message) => {
      if (message.task === undefined && SAID.includes(message.kind)) return;
      terminal.warn(messageLines(message, terminal));
    },
  };
}

/** Its subject, of a run that failed what of it and what it blocks, and what to type. */
export function messageLines(message: Message, { paint }: Pick<Terminal, 'paint'>): string {
  const { kind, task, subject, command } = message;
  const [glyph, style] = LOOKS[kind];
  const more = kind === 'failed' && task === undefined ? linesBeside(message) : [command];
  const lines = more.flatMap((line) => (line === undefined ? [] : [`  ${paint('gray', line)}`]));
  return [`${paint(style, glyph)} ${subject}`, ...lines].join('\n');
}

/** Lines of a failed run's text, without the first where the subject says it: of the one task that failed. */
export function linesBeside({ text, failed = [] }: Message): readonly string[] {
  return text.split('\n').slice(failed.length > 1 ? 0 : 1);
}
