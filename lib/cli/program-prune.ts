import type { Command } from 'commander';
import type { ExitCode } from './exit.ts';
import type { Context } from './program.ts';

/** The command that removes runs for good. */
export function addPrune(program: Command, context: () => Context, done: (code: ExitCode) => void): void {
  program
    .command('prune')
    .description('remove runs that ended, with their logs, by age and number; tutti dev does so once a day')
    .option('--older-than <duration>', 'those that ended longer ago: 90d, 36h')
    .option('--keep <number>', 'of each DAG all but so many, those of the newest logical dates')
    .option('--env <name>', 'the environment; one that is deployed prunes itself', 'local')
    .option('--dry-run', 'say what would happen, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      `
Examples:
  tutti prune --dry-run                          by environments.local.retention of tutti.config.ts
  tutti prune --older-than 90d --keep 1000       by these instead: what one of them does not keep goes`,
    )
    .action(async (options) => done(await (await import('./commands/prune.ts')).prune(context(), options)));
}
