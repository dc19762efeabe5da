/** The commands of the ledger: what makes runs, shows them, and changes what has run. */
import { type Command, Option } from 'commander';
import { assignment, several } from './assignment.ts';
import type { ExitCode } from './exit.ts';
import type { Context } from './program.ts';
import { dryRun, examples, inLedger, ofRange, ofRun, overRuns, sure, waiting } from './program-options.ts';

/** A program that commands are added to, and where their exit codes go. */
interface Adding {
  readonly program: Command;
  readonly context: () => Context;
  readonly done: (code: ExitCode) => void;
}

export function addLedger(program: Command, context: () => Context, done: (code: ExitCode) => void): void {
  const adding = { program, context, done };
  addDev(adding);
  addTrigger(adding);
  addRuns(adding);
  addChanges(adding);
  addBackfill(adding);
  addSchedules(adding);
}

function addDev({ program, context, done }: Adding): void {
  program
    .command('dev')
    .description('schedule and run every DAG here, serve the API, reload what changes; until Ctrl-C')
    .option('--port <port>', 'on 127.0.0.1; 0 for a free one', '8080')
    .option('--no-sample', 'run nothing at the first start')
    .option('--paused', 'new DAGs start paused')
    .option('--isolate', 'run functions in child processes: a crash or an endless loop fails one try only')
    .addHelpText(
      'after',
      examples(['tutti dev', 'tutti dev --port 0 --json          one JSON line for whatever happens']),
    )
    .action(async (options, command: Command) => {
      const isPortGiven = command.getOptionValueSource('port') === 'cli';
      const json = program.opts()['json'] === true;
      done(await (await import('./commands/dev.ts')).dev(context(), { ...options, isPortGiven, json }));
    });
}

function addTrigger({ program, context, done }: Adding): void {
  const trigger = program
    .command('trigger')
    .description('make a run of a DAG now, for the newest complete interval or another')
    .argument('<dag>', 'id of the DAG')
    .option('-d, --logical-date <date>', 'the interval that contains it: 2026-08-22 or 2026-08-22T02:00:00Z')
    .addOption(new Option('--now', 'no interval: about this very instant').conflicts('logicalDate'))
    .option('-p, --param <name=value>', 'a param; again for more', assignment)
    .option('--note <text>', 'why');
  inLedger(dryRun(waiting(trigger)))
    .addHelpText(
      'after',
      examples([
        'tutti trigger daily_sales',
        'tutti trigger daily_sales -d 2026-01-05 -p region=east --note "late orders"',
      ]),
    )
    .action(async (dag: string, options) =>
      done(await (await import('./commands/trigger.ts')).trigger(context(), dag, options)),
    );
}

function addRuns({ program, context, done }: Adding): void {
  const runs = program
    .command('runs')
    .description('what ran, runs and waits: list, show, watch, logs, cancel')
    .addHelpText(
      'after',
      examples([
        'tutti runs                                    the newest, of all DAGs',
        'tutti runs daily_sales --state failed --from 2026-01-01',
        'tutti runs show daily_sales 2026-01-05        by logical date, id, or latest',
        'tutti runs watch daily_sales latest',
      ]),
    );
  inLedger(runs.command('list [dag]', { isDefault: true }))
    .description('list runs, newest first')
    .option('--state <state>', 'queued, running, success, failed, cancelled; again for more', several)
    .option('--type <type>', 'scheduled, backfill, manual, triggered; again for more', several)
    .option('--from <date>', 'logical dates from here on')
    .option('--to <date>', 'logical dates up to here, inclusive')
    .option('--limit <number>', 'at most so many', '20')
    .option('--cursor <cursor>', 'what follows a page')
    .action(async (dag: string | undefined, options) =>
      done(await (await import('./commands/runs.ts')).listRuns(context(), dag, options)),
    );
  inLedger(ofRun(runs.command('show'), 'latest'))
    .description('one run: how it is and why, its tasks and their tries')
    .action(async (dag: string, run: string, options) =>
      done(await (await import('./commands/runs.ts')).showRun(context(), dag, run, options)),
    );
  inLedger(ofRun(runs.command('watch'), 'latest'))
    .description('follow a run to its end')
    .action(async (dag: string, run: string, options) =>
      done(await (await import('./commands/runs.ts')).watchOne(context(), dag, run, options)),
    );
  inLedger(ofRun(runs.command('logs'), 'latest'))
    .description('what the tasks of a run wrote')
    .argument('[task]', "only this task, 'load[3]' one instance of it")
    .option('--instances', 'every instance of mapped tasks, however many there are')
    .action(async (dag: string, run: string, task: string | undefined, options) =>
      done(await (await import('./commands/runs.ts')).logsOfRun(context(), dag, run, { ...options, task })),
    );
  inLedger(dryRun(sure(ofRun(runs.command('cancel')))))
    .description('end a run that has not ended')
    .action(async (dag: string, run: string, options) =>
      done(await (await import('./commands/runs.ts')).cancel(context(), dag, run, options)),
    );
  inLedger(ofRun(program.command('task')).argument('<task>', "the task, 'load[3]' one instance of it"))
    .description('one task of one run: its state, and every try')
    .action(async (dagId: string, runText: string, taskText: string, options) =>
      done(await (await import('./commands/task.ts')).task(context(), { dagId, runText, taskText }, options)),
    );
}

function addChanges({ program, context, done }: Adding): void {
  inLedger(dryRun(sure(waiting(overRuns(program.command('clear'))))))
    .description('run tasks of a run, or of a range of runs, again; what is not cleared keeps what it has')
    .option('--failed', 'only what failed, and what could not run because of it')
    .option('--latest', "with today's code instead of the run's own")
    .addHelpText(
      'after',
      examples([
        'tutti clear daily_sales 2026-01-05 --failed',
        'tutti clear daily_sales latest --task load+          load and all below it',
        'tutti clear daily_sales --from 2026-01-01 --to 2026-01-31 --task load --dry-run',
      ]),
    )
    .action(async (dag: string, run: string | undefined, options) =>
      done(await (await import('./commands/clear.ts')).clear(context(), dag, run, options)),
    );
  inLedger(dryRun(sure(waiting(overRuns(program.command('mark'))))))
    .description('set tasks of a run that ended to another state; what is below them follows')
    .addOption(
      new Option('--state <state>', 'what they are from now on')
        .choices(['success', 'failed', 'skipped'])
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      examples(['tutti mark daily_sales 2026-01-05 --task load --state success --dry-run']),
    )
    .action(async (dag: string, run: string | undefined, options) =>
      done(await (await import('./commands/clear.ts')).mark(context(), dag, run, options)),
    );
}

function addBackfill({ program, context, done }: Adding): void {
  const backfill = program
    .command('backfill')
    .description(
      'run a range of dates at its own pace: create, preview, list, show, pause, resume, cancel, retry',
    )
    .addHelpText(
      'after',
      examples([
        'tutti backfill preview daily_sales --from 2026-01-01 --to 2026-01-31',
        'tutti backfill create daily_sales --from 2026-01-01 --to 2026-01-31 --yes',
        'tutti backfill create daily_sales --from 2026-01-01 --to 2026-01-31 --reprocess failed --task load+',
        'tutti backfill list                              an id may be cut to its last characters',
      ]),
    );
  inLedger(dryRun(sure(waiting(ofRange(backfill.command('create'))))))
    .description('create one: a run for every date that has none')
    .action(async (dag: string, options) =>
      done(await (await import('./commands/backfill.ts')).create(context(), dag, options)),
    );
  inLedger(ofRange(backfill.command('preview')))
    .description('what create would do with each date, and what it would cost')
    .action(async (dag: string, options) =>
      done(
        await (await import('./commands/backfill.ts')).create(context(), dag, { ...options, dryRun: true }),
      ),
    );
  inLedger(backfill.command('list [dag]'))
    .description('list backfills, newest first')
    .option('--active', 'only those that go on, or are paused')
    .action(async (dag: string | undefined, options) =>
      done(await (await import('./commands/backfills.ts')).listBackfills(context(), dag, options)),
    );
  inLedger(backfill.command('show <id>'))
    .description('one backfill, date by date')
    .action(async (id: string, options) =>
      done(await (await import('./commands/backfills.ts')).showBackfill(context(), id, options)),
    );
  addBackfillSteps(backfill, context, done);
}

function addBackfillSteps(backfill: Command, context: Adding['context'], done: Adding['done']): void {
  const steps = [
    ['pause', 'start no more of its runs; those that run go on'],
    ['resume', 'go on with one that was paused or interrupted'],
    ['cancel', 'end it: what runs is cancelled, what waits never starts'],
    ['retry', 'run its failed dates again'],
  ] as const;
  for (const [step, about] of steps) {
    inLedger(dryRun(sure(waiting(backfill.command(`${step} <id>`)))))
      .description(about)
      .action(async (id: string, options) =>
        done(
          await (await import('./commands/backfills.ts')).changeBackfill(context(), id, { ...options, step }),
        ),
      );
  }
}

function addSchedules({ program, context, done }: Adding): void {
  for (const step of ['pause', 'unpause'] as const) {
    inLedger(dryRun(program.command(`${step} <dags...>`)))
      .description(
        step === 'pause'
          ? 'hold back the schedules of DAGs'
          : 'let the schedules of DAGs go on, by their catchup',
      )
      .action(async (dags: readonly string[], options) =>
        done(await (await import('./commands/pause.ts'))[step](context(), dags, options)),
      );
  }
  inLedger(program.command('next <dag>'))
    .description("the next runs of a DAG's schedule: which dates, and when")
    .option('-n, --count <number>', 'how many', '5')
    .action(async (dag: string, options) =>
      done(await (await import('./commands/next.ts')).next(context(), dag, options)),
    );
  inLedger(ofRun(program.command('why')))
    .description('why a run, or the run of a date, is not there, waits, or failed')
    .action(async (dag: string, run: string, options) =>
      done(await (await import('./commands/why.ts')).why(context(), dag, run, options)),
    );
  inLedger(program.command('audit [dag]'))
    .description('every interval with its run or the reason it has none; fails on gaps, overlaps, doubles')
    .option('--from <date>', 'from this date or instant on')
    .option('--to <date>', 'up to this date or instant')
    .option('--log', 'who did what instead, newest first')
    .option('--limit <number>', 'entries of the log, at most', '50')
    .addHelpText(
      'after',
      examples([
        'tutti audit daily_sales --from 2026-01-01 --to 2026-02-01',
        'tutti audit --log                                who did what, in all DAGs',
      ]),
    )
    .action(async (dag: string | undefined, options) =>
      done(await (await import('./commands/audit.ts')).audit(context(), dag, options)),
    );
}
