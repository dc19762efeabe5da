/** Options and arguments that commands of the ledger share. */
import { type Command, Option } from 'commander';
import { assignment, several } from './assignment.ts';

/** What every command of the ledger takes. */
export function inLedger(command: Command): Command {
  return command
    .option('--env <name>', 'the environment: local, or one of tutti.config.ts that is deployed', 'local')
    .addOption(apiUrl());
}

/** What commands take that are about a deployment alone: they ask for its name. */
export function onAws(command: Command): Command {
  return command
    .option('--env <name>', 'the environment: one of tutti.config.ts that has aws')
    .addOption(apiUrl());
}

function apiUrl(): Option {
  const text = 'its API, where not the one its deployment names (also: TUTTI_API_URL)';
  return new Option('--api-url <url>', text).hideHelp();
}

export function dryRun(command: Command): Command {
  return command.option('--dry-run', 'say what would happen, and change nothing');
}

export function sure(command: Command): Command {
  return command.option('-y, --yes', 'do not ask');
}

export function waiting(command: Command): Command {
  return command
    .option('--wait', 'show it to its end, also where a tutti dev runs it')
    .option('--no-wait', 'leave it queued for a tutti dev');
}

export function ofRun(command: Command, run?: string): Command {
  return command
    .argument('<dag>', 'id of the DAG')
    .argument(run === undefined ? '<run>' : '[run]', 'its logical date (2026-08-22), its id, or latest', run);
}

export function overRuns(command: Command): Command {
  return command
    .argument('<dag>', 'id of the DAG')
    .argument(
      '[run]',
      'its logical date (2026-08-22), its id, or latest; left out where --from and --to say several',
    )
    .option('--from <date>', 'runs of logical dates from here …')
    .option('--to <date>', '… up to here, inclusive')
    .option(
      '-t, --task <task>',
      'load, load+ with all below, +load with all above, load[3]; again for more',
      several,
    )
    .option('--note <text>', 'why');
}

export function ofRange(command: Command): Command {
  return command
    .argument('<dag>', 'id of the DAG')
    .requiredOption('--from <date>', 'the first logical date')
    .requiredOption('--to <date>', 'the last one, inclusive')
    .addOption(
      new Option(
        '--reprocess <which>',
        'dates that have a run: leave them, run failed ones again, or all that ended',
      )
        .choices(['none', 'failed', 'completed'])
        .default('none'),
    )
    .option('--newest-first', 'the newest date first')
    .option('--max-active-runs <number>', "so many at once (default: the DAG's own limit)")
    .option('-p, --param <name=value>', 'a param; again for more', assignment)
    .option('-t, --task <task>', 'only these tasks; again for more', several)
    .option('--as-one', 'one run for the whole range')
    .option('--note <text>', 'why');
}

export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
