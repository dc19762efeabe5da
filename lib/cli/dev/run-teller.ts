import { RecentMap } from '../../base/recent-map.ts';
import { isFinal, type Run } from '../../model/run.ts';
import type { Message, Notifier } from '../../orchestrator/ports.ts';
import { linesBeside, messageLines } from '../ledger/console-notifier.ts';
import { endLine } from '../ledger/follow.ts';
import { runName, runStateText } from '../ledger/run-text.ts';
import type { Terminal } from '../terminal.ts';
import type { DevConsole } from './console.ts';

/** Messages of how a run ended. */
const ENDS: ReadonlySet<Message['kind']> = new Set(['failed', 'recovered', 'success']);

/** States remembered: of the runs that changed last. */
const REMEMBERED = 10_000;

/**
 * Says when runs start and end, and what people are told of them. How a run ended is said once: a person reads the
 * message where one comes here first, and else the line; programs have both.
 */
export class RunTeller implements Notifier {
  readonly #console: DevConsole;
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #told = new RecentMap<string, string>(REMEMBERED);
  /** Runs whose ends messages have told. */
  readonly #messaged = new Set<string>();
  readonly #sinceMs: number;

  constructor(console: DevConsole, terminal: Terminal, now: () => number) {
    this.#console = console;
    this.#terminal = terminal;
    this.#now = now;
    // Runs have no more than whole seconds.
    this.#sinceMs = Math.floor(now() / 1000) * 1000;
  }

  async notify(message: Message): Promise<void> {
    const { kind, dagId, runId = '', subject, text, command = '' } = message;
    const facts = { kind, dag: dagId, run: runId, subject, text, command };
    this.#console.say('message', facts, this.#messageText(message));
  }

  #messageText(message: Message): string | undefined {
    const { dagId, runId = '', task, kind, text } = message;
    if (task !== undefined || !ENDS.has(kind)) return messageLines(message, this.#terminal);
    const key = keyOf({ dagId, id: runId });
    if (!/ (failed|success)$/.test(this.#told.get(key) ?? '')) {
      remember(this.#messaged, key);
      return messageLines(message, this.#terminal);
    }
    // The line was first: the rest, which it does not say.
    if (kind === 'success') return undefined;
    const lines = kind === 'failed' ? linesBeside(message) : [text];
    return [`${key}:`, ...lines.map((line) => `  ${this.#terminal.paint('gray', line)}`)].join('\n');
  }

  tell(runs: readonly Run[]): void {
    for (const run of runs) this.#tellOne(run);
  }

  #tellOne(run: Run): void {
    const { dagId, id, state, attempt, type, error } = run;
    if (!this.#isNews(run) || state === 'starting') return;
    const facts = { dag: dagId, run: id, state, attempt, type };
    const why = isFinal(state) && error !== undefined ? { error } : {};
    this.#console.say('run', { ...facts, ...why }, this.#lineOf(run));
  }

  #isNews(run: Run): boolean {
    const { state, attempt } = run;
    const key = keyOf(run);
    const news = `${attempt} ${state}`;
    const before = this.#told.get(key);
    if (before === news || this.#isPast(run)) return false;
    this.#told.set(key, news);
    // What was said of another attempt says nothing of this one.
    if (before !== undefined && !before.startsWith(`${attempt} `)) this.#messaged.delete(key);
    return true;
  }

  /** `undefined`: nothing for a person. */
  #lineOf(run: Run): string | undefined {
    const { state, attempt, type } = run;
    if (state === 'queued') return undefined;
    if (isFinal(state))
      return this.#messaged.delete(keyOf(run)) ? undefined : endLine(run, this.#terminal, this.#now());
    const facts = this.#terminal.paint('gray', `${type}${attempt > 1 ? `, attempt ${attempt}` : ''}`);
    return `${runStateText(run, this.#terminal)}  ${runName(run)}  ${facts}`;
  }

  /** It had ended before anybody sat here: it was taken in from elsewhere, and is no news. */
  #isPast({ endedAt }: Run): boolean {
    return endedAt !== undefined && Date.parse(endedAt) < this.#sinceMs;
  }
}

function keyOf({ dagId, id }: Pick<Run, 'dagId' | 'id'>): string {
  return `${dagId} ${id}`;
}

/** The oldest goes where there are too many. */
function remember(keys: Set<string>, key: string): void {
  keys.add(key);
  const [oldest] = keys;
  if (keys.size > REMEMBERED && oldest !== undefined) keys.delete(oldest);
}
