/** Commands around deployments: what one would change, what is refused, what is left over, whether it works. */
import type { Command } from 'commander';
import type { ExitCode } from './exit.ts';
import type { Context } from './program.ts';
import { dryRun, examples, inLedger, onAws, sure } from './program-options.ts';

export function addDeploy(program: Command, context: () => Context, done: (code: ExitCode) => void): void {
  onAws(program.command('deploy-check'))
    .description(
      'what keeps this project from being deployed there: all that cdk synth refuses, another account, and DAGs that leave while runs of them go on',
    )
    .addHelpText('after', examples(["tutti deploy-check --env prod && npx cdk deploy 'prod/*'"]))
    .action(async (options) =>
      done(await (await import('./commands/deploy-check.ts')).deployCheck(context(), options)),
    );
  inLedger(dryRun(program.command('pin')))
    .description('run an older version of a DAG from now on, without a deployment')
    .argument('<dag>', 'id of the DAG')
    .argument('[version]', 'a version that its runs had, or its first characters')
    .option('--clear', 'what was deployed last instead')
    .addHelpText(
      'after',
      examples(['tutti pin daily_sales 3f9a12bc --env prod', 'tutti pin daily_sales --clear --env prod']),
    )
    .action(async (dag: string, version: string | undefined, options) =>
      done(await (await import('./commands/pin.ts')).pin(context(), dag, version, options)),
    );
  onAws(sure(dryRun(program.command('gc'))))
    .description('remove versions of machines and functions, and roles, that no run needs any more')
    .option('--keep <duration>', 'runs that ended within it may be run again with what they had', '30d')
    .addHelpText(
      'after',
      examples(['tutti gc --env prod --dry-run', 'tutti gc --env prod --keep 90d --yes --json']),
    )
    .action(async (options) => done(await (await import('./commands/gc.ts')).gc(context(), options)));
  onAws(dryRun(program.command('smoke')))
    .description(
      'try a deployment: run its canary DAGs, test every state of their machines, and look at what only an account shows',
    )
    .option('--dag <dag...>', 'these DAGs instead of those tagged canary')
    .option('--no-run', 'start no run')
    .addHelpText(
      'after',
      examples([
        'tutti smoke --env dev --dry-run             what it would do, and what is left to a person',
        'tutti smoke --env dev --dag daily_sales     run and test this one',
      ]),
    )
    .action(async (options) => done(await (await import('./commands/smoke.ts')).smoke(context(), options)));
  inLedger(program.command('doctor'))
    .description(
      'what must be so for this project, or an environment, to work; and what to do about what is not',
    )
    .addHelpText('after', examples(['tutti doctor', 'tutti doctor --env prod']))
    .action(async (options) => done(await (await import('./commands/doctor.ts')).doctor(context(), options)));
}
