import type { JsonObject } from '../../base/json.ts';
import type { Terminal } from '../terminal.ts';

/** Where `tutti dev` says what happens: lines for a person, or one JSON document a line. */
export interface DevConsole {
  /** `event` and `facts` are for programs; `text`, where there is one, is for a person: what is new first. */
  say(event: string, facts: JsonObject, text?: string): void;
  /** Text of several lines for a person, on the standard error. */
  warn(text: string): void;
}

export interface ConsoleOptions {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly now: () => number;
}

export function devConsole({ terminal, json, now }: ConsoleOptions): DevConsole {
  return {
    say(event, facts, text) {
      const at = new Date(now());
      if (json) terminal.write(`${JSON.stringify({ event, at: at.toISOString(), ...facts })}\n`);
      else if (text !== undefined) terminal.print(`${terminal.paint('gray', clockText(at))} ${text}`);
    },
    warn: (text) => terminal.warn(text),
  };
}

/** `14:03:22`, in the zone of whoever sits here. */
function clockText(at: Date): string {
  return at.toTimeString().slice(0, 8);
}
