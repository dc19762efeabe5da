import type { Command } from 'commander';
import { assignment } from './assignment.ts';
import type { ExitCode } from './exit.ts';
import type { Context } from './program.ts';

/** Commands that say what DAGs would do, and change nothing of what there is. */
export function addTesting(program: Command, context: () => Context, done: (code: ExitCode) => void): void {
  program
    .command('test')
    .description('run a DAG in a copy of the project; twice: is everything the same after a second run?')
    .argument('[dag]', 'id of the DAG; without it: every DAG')
    .option('--twice', 'run it again for the same interval, and compare files, tables and values')
    .option('-d, --logical-date <date>', 'the interval that contains it (default: the newest complete one)')
    .option('-p, --param <name=value>', 'a param; again for more', assignment)
    .option('--in-place', 'run in the project itself: its data changes')
    .action(async (dag: string | undefined, options) =>
      done(await (await import('./commands/test.ts')).test(context(), dag, options)),
    );
  program
    .command('simulate')
    .description('let DAGs live through a range of time: every run, what is late, what it costs')
    .argument('[dags...]', 'ids of DAGs; without them: every DAG')
    .option('--from <date>', 'a day or an instant (default: today)')
    .option('--to <date>', 'when it ends (default: 30 days later)')
    .option('--faults <share>', 'part of all tries that fail at random: 0.05')
    .option('--seed <number>', 'of what is random (default: 1)')
    .option('--script <file>', 'module that exports script: what tasks do, and what happens meanwhile')
    .option('--fresh', 'the DAGs are new then: those with catchup make up for all before')
    .action(async (dags: readonly string[], options) =>
      done(await (await import('./commands/simulate.ts')).simulate(context(), dags, options)),
    );
}
