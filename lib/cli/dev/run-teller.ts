import type { Run } from '../../model/run.ts';
import { endLine } from '../ledger/follow.ts';
import { runName, runStateText } from '../ledger/run-text.ts';
import type { Terminal } from '../terminal.ts';
import type { DevConsole } from './console.ts';

/** States remembered: of the runs that changed last. */
const REMEMBERED = 10_000;

/** Says when runs start and end. */
export class RunTeller {
  readonly #console: DevConsole;
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #told = new Map<string, string>();

  constructor(console: DevConsole, terminal: Terminal, now: () => number) {
    this.#console = console;
    this.#terminal = terminal;
    this.#now = now;
  }

  tell(runs: readonly Run[]): void {
    for (const run of runs) this.#tellOne(run);
  }

  #tellOne(run: Run): void {
    const { dagId, id, state, attempt, type } = run;
    const key = `${dagId} ${id}`;
    const news = `${attempt} ${state}`;
    if (this.#told.get(key) === news) return;
    // The last changed one is the last to go.
    this.#told.delete(key);
    this.#told.set(key, news);
    const [oldest] = this.#told.keys();
    if (this.#told.size > REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
    const facts = { dag: dagId, run: id, state, attempt, type };
    if (state === 'starting') return;
    if (state === 'queued') this.#console.say('run', facts);
    else if (state === 'running') {
      const again = attempt > 1 ? `, attempt ${attempt}` : '';
      this.#console.say(
        'run',
        facts,
        `${runStateText(run, this.#terminal)}  ${runName(run)}  ${this.#terminal.paint('gray', `${type}${again}`)}`,
      );
    } else
      this.#console.say(
        'run',
        { ...facts, ...(run.error === undefined ? {} : { error: run.error }) },
        endLine(run, this.#terminal, this.#now()),
      );
  }
}
