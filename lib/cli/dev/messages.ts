import type { Notifier } from '../../orchestrator/ports.ts';
import { messageLines } from '../ledger/console-notifier.ts';
import type { Terminal } from '../terminal.ts';
import type { DevConsole } from './console.ts';

/** Says what people are told of runs. */
export function messageNotifier(console: DevConsole, terminal: Terminal): Notifier {
  return {
    notify: async (message) => {
      const { kind, dagId, runId = '', subject, text, command = '' } = message;
      console.say(
        'message',
        { kind, dag: dagId, run: runId, subject, text, command },
        messageLines(message, terminal),
      );
    },
  };
}
