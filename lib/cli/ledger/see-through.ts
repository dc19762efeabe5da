/** What a command does with the runs that it asked for. */
import { isFinal, keyOfRun, type Run } from '../../model/run.ts';
import { againCommand } from '../../orchestrator/code-here.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { catchInterrupt } from '../interrupt.ts';
import type { Context } from '../program.ts';
import { columns, count } from '../words.ts';
import { endLine, exitCodeOfRuns, followRun, followRuns } from './follow.ts';
import type { Ledger } from './ledger.ts';
import { runName, runStateText } from './run-text.ts';

export interface Asked {
  readonly command: string;
  readonly runs: readonly Run[];
  /** `--wait`, `--no-wait`. @default waits where no `tutti dev` has the store: then this process executes them */
  readonly wait: boolean | undefined;
  /** Further facts of the document. */
  readonly document?: Readonly<Record<string, unknown>>;
}

/**
 * Executes the runs here and shows them, where no `tutti dev` has the store; else leaves that to it. Ctrl-C leaves what
 * runs to be resumed and the rest queued. Runs of a deployment go on there, whoever watches.
 */
export async function seenThrough(context: Context, ledger: Ledger, asked: Asked): Promise<ExitCode> {
  const { terminal } = context;
  const { dev } = ledger;
  const waits = asked.wait ?? dev === undefined;
  if (!waits) return leftTo(context, ledger, asked);
  const interrupt = catchInterrupt(terminal, leavingText(ledger));
  try {
    if (dev === undefined) await ledger.execute(asked.runs, interrupt.signal);
    const following = { ledger, terminal, signal: interrupt.signal };
    const [first, ...others] = asked.runs;
    const single = first !== undefined && others.length === 0;
    const seen = single
      ? [(await followRun(keyOfRun(first), following)) ?? first]
      : await followRuns(asked.runs, following);
    terminal.json({ ...asked.document, ...(single ? { run: seen[0] } : { runs: seen }) });
    if (single && seen[0] !== undefined) terminal.print(`\n${await summary(seen[0], terminal, ledger)}`);
    if (!interrupt.signal.aborted) {
      await ledger.leave();
      return exitCodeOfRuns(seen);
    }
    tellRest(context, ledger, seen);
    return EXIT.interrupted;
  } finally {
    interrupt.release();
  }
}

function leavingText({ environment }: Ledger): string {
  return environment === undefined
    ? 'leaving what runs to be resumed, and the rest queued; Ctrl-C again ends at once'
    : `no longer watching; it goes on in ${environment}`;
}

function starterOf({ dev, environment }: Ledger): string {
  if (environment !== undefined) return environment;
  return dev === undefined
    ? 'nobody: start tutti dev, or the command again without --no-wait'
    : `tutti dev (${dev.url})`;
}

function leftTo({ terminal }: Context, ledger: Ledger, { runs, document }: Asked): ExitCode {
  const [first, ...others] = runs;
  const { dev, environment, suffix } = ledger;
  terminal.json({
    ...document,
    ...(others.length === 0 ? { run: first } : { runs }),
    startedBy: environment === undefined ? (dev ?? null) : { environment },
  });
  for (const run of runs.slice(0, 10)) terminal.print(`${runStateText(run, terminal)}  ${runName(run)}`);
  if (runs.length > 10) terminal.print(`  and ${count(runs.length - 10, 'run')} more`);
  terminal.print(`  started by ${starterOf(ledger)}`);
  if (first !== undefined && others.length === 0)
    terminal.print(`  to see it: tutti runs watch ${first.dagId} ${first.id}${suffix}`);
  return EXIT.ok;
}

async function summary(
  run: Run,
  terminal: Context['terminal'],
  { store, clock, suffix }: Ledger,
): Promise<string> {
  const head = await store.dags.head(run.dagId);
  const facts = [
    ['  interval', `${run.interval.start} … ${run.interval.end}`],
    ...(run.state === 'failed'
      ? [
          ['  log', `tutti runs logs ${run.dagId} ${run.id}${suffix}`],
          ['  again', `${againCommand(run, head?.version ?? run.version)}${suffix}`],
        ]
      : []),
  ];
  return [
    endLine(run, terminal, clock.now()),
    ...columns(facts.map(([name = '', value = '']) => [terminal.paint('gray', name), value])),
  ].join('\n');
}

function tellRest({ terminal }: Context, { environment, suffix }: Ledger, runs: readonly Run[]): void {
  const open = runs.filter(({ state }) => !isFinal(state));
  const running = open.filter(({ state }) => state === 'running').length;
  const queued = open.length - running;
  if (environment !== undefined) {
    const [first] = open;
    const watch = first === undefined ? 'tutti runs' : `tutti runs watch ${first.dagId} ${first.id}`;
    terminal.warn(`${count(open.length, 'run')} to go in ${environment}; to see it: ${watch}${suffix}`);
    return;
  }
  const parts = [
    ...(running === 0 ? [] : [`${count(running, 'run')} interrupted`]),
    ...(queued === 0 ? [] : [`${count(queued, 'run')} queued`]),
  ];
  terminal.warn(`${parts.join(', ')}; go on with: tutti dev`);
}
