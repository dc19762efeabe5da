import { Command, Option } from 'commander';
import { assignment, several } from './assignment.ts';
import type { ExitCode } from './exit.ts';
import { addDeploy } from './program-deploy.ts';
import { addLedger } from './program-ledger.ts';
import { examples, inLedger } from './program-options.ts';
import { addPrune } from './program-prune.ts';
import { addTesting } from './program-testing.ts';
import type { Terminal } from './terminal.ts';

/** As `package.json` says; a test holds the two together. */
const VERSION = '0.1.0';
const ABOUT = 'Write a DAG in TypeScript, run it here, deploy it there, and never run a scheduler.';

/** What every command gets. */
export interface Context {
  readonly terminal: Terminal;
  /** The project's folder, as given: `pipelines/` and `.tutti/` are in it. */
  readonly root: string;
}

const EXAMPLES = `
Examples:
  tutti list                          the DAGs of this project
  tutti check                         every mistake in them, with the place and the remedy
  tutti plan daily_sales              what a run costs, and how near it is to the limits
  tutti run daily_sales               run the newest complete interval here
  tutti run daily_sales --logical-date 2026-08-22 --param region=us
  tutti show daily_sales --svg > daily_sales.svg
  tutti logs latest                   what happened in the last run
  tutti dev                           schedule everything here, with an API; then, beside it:
  tutti trigger daily_sales           a run now
  tutti runs show daily_sales latest  how it is
  tutti clear daily_sales 2026-08-22 --failed       what failed of it, again
  tutti backfill create daily_sales --from 2026-01-01 --to 2026-01-31
  tutti init sales                    a new project: two DAGs, tests, a CDK app

Exit codes: 0 ok, 1 it failed, 2 usage, 3 not found, 5 conflict, 6 timed out, 130 interrupted`;

/**
 * The command line. Each command's code is imported when it is asked for, so `--help` loads none of it.
 *
 * @throws {CommanderError} when parsing: a usage error, or help that was asked for (`exitCode` 0)
 */
export function buildProgram(terminal: Terminal, done: (code: ExitCode) => void): Command {
  const program = new Command('tutti')
    .description(ABOUT)
    .version(VERSION, '-V, --version', 'print the version')
    .option('-C, --root <dir>', 'the project: the folder with pipelines/ in it', '.')
    .option('--json', 'print one JSON document and nothing else')
    .option('--no-color', 'print without colours (also: NO_COLOR=1)')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ outputError: (text) => terminal.warn(terminal.paint('red', usageText(text))) })
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  const context = (): Context => ({ terminal, root: String(program.opts()['root']) });
  program.hook('preAction', (_, command) => setAsCdk(context().root, command.opts()['env']));
  program.commandsGroup('What there is:');
  addReaders(program, context, done);
  program.commandsGroup('One run, and tests:');
  addRun(program, context, done);
  addTesting(program, context, done);
  program.commandsGroup('Runs over time:');
  addLedger(program, context, done);
  addPrune(program, context, done);
  program.commandsGroup('Deployments:');
  addDeploy(program, context, done);
  program.commandsGroup('And:');
  addSfn(program, context, done);
  addHelpers(program, context, done);
  program
    .command('serve-task', { hidden: true })
    .action(async () => (await import('./commands/serve-task.ts')).serveOneTask(context()));
  pointToHelp(program, 'tutti');
  return program;
}

/** For a command about an environment that is deployed. */
async function setAsCdk(root: string, environment: unknown): Promise<void> {
  if (typeof environment !== 'string' || environment === 'local') return;
  const { setCdkDefaults } = await import('./deploy/cdk-defaults.ts');
  await setCdkDefaults(root, process.env);
}

/** After a mistake in a command, to the help of that command. */
function pointToHelp(command: Command, name: string): void {
  command.showHelpAfterError(`try: ${name} --help`);
  for (const each of command.commands) pointToHelp(each, `${name} ${each.name()}`);
}

function addReaders(program: Command, context: () => Context, done: (code: ExitCode) => void): void {
  program
    .command('check')
    .description('check every DAG and print all mistakes at once')
    .action(async () => done(await (await import('./commands/check.ts')).check(context())));
  inLedger(program.command('list'))
    .description('list the DAGs: schedule, tasks, owner; with --env: what is deployed, paused, pinned')
    .option('--names', 'print their ids only, one a line')
    .action(async (options) => done(await (await import('./commands/list.ts')).list(context(), options)));
  program
    .command('show')
    .description('show one DAG: description, schedule, params, tasks')
    .argument('<dag>', 'id of the DAG')
    .addOption(new Option('--asl', 'its state machine, as deployed').conflicts(['svg', 'mermaid', 'explain']))
    .addOption(new Option('--svg', 'a drawing').conflicts(['mermaid', 'explain']))
    .addOption(new Option('--mermaid', 'a Mermaid flowchart').conflicts('explain'))
    .option('--explain', 'what every state of its machine stands for')
    .action(async (dag: string, options) =>
      done(await (await import('./commands/show.ts')).show(context(), dag, options)),
    );
  inLedger(program.command('plan'))
    .description('what a run costs and why; with --env: what deploying this project would change there')
    .argument('[dag]', 'id of the DAG')
    .addHelpText('after', examples(['tutti plan daily_sales', 'tutti plan --env prod']))
    .action(async (dag: string | undefined, options) =>
      done(await (await import('./commands/plan.ts')).plan(context(), dag, options)),
    );
  program
    .command('compile')
    .description('compile one DAG: print its state machine, or write it')
    .argument('<dag>', 'id of the DAG')
    .option('-o, --out <dir>', 'write <dag>.asl.json and <dag>.manifest.json into this folder')
    .action(async (dag: string, options) =>
      done(await (await import('./commands/compile.ts')).compileDag(context(), dag, options)),
    );
}

function addRun(program: Command, context: () => Context, done: (code: ExitCode) => void): void {
  program
    .command('run')
    .description('run one DAG here, for one data interval')
    .argument('<dag>', 'id of the DAG')
    .option('-d, --logical-date <date>', 'the interval that contains it: 2026-08-22 or 2026-08-22T02:00:00Z')
    .option('-p, --param <name=value>', 'a param; again for more', assignment)
    .option(
      '--only <task>',
      'run again only this task of the last run of that date; load+ with all below; again for more',
      several,
    )
    .option('--from <task>', 'run again this task and everything below it; again for more', several)
    .option('--dry-run', 'say what would run, and run nothing')
    .option('--instances', 'list every instance of mapped tasks at the end')
    .option('--isolate', 'run functions in child processes: a crash or an endless loop fails one try only')
    .action(async (dag: string, options) =>
      done(await (await import('./commands/run.ts')).run(context(), dag, options)),
    );
}

function addSfn(program: Command, context: () => Context, done: (code: ExitCode) => void): void {
  program
    .command('sfn')
    .description("serve Step Functions' own API here, for the AWS CLI and every SDK")
    .option('--port <port>', 'on 127.0.0.1; 0 for a free one', '8083')
    .option('--lambda-endpoint <url>', 'where functions are invoked')
    .option('--endpoint-url <url>', 'where other services are asked (default: AWS_ENDPOINT_URL)')
    .option('--mocks <file>', 'answers of tasks, as a MockConfigFile of Step Functions Local')
    .option('--region <region>', 'the region in ARNs', 'us-east-1')
    .option('--account <id>', 'the account in ARNs', '000000000000')
    .option('--keep <number>', 'closed executions that are kept', '10000')
    .action(async (options) => {
      const json = program.opts()['json'] === true;
      done(await (await import('./commands/sfn.ts')).sfn(context(), { ...options, json }));
    });
}

function addHelpers(program: Command, context: () => Context, done: (code: ExitCode) => void): void {
  program
    .command('init')
    .description('make a new project: two DAGs, tests, a CDK app')
    .argument('[folder]', 'where; what is there is never overwritten', '.')
    .option('--no-install', 'leave npm install to you')
    .action(async (folder: string, options) =>
      done(await (await import('./commands/init.ts')).init(context(), folder, options)),
    );
  program
    .command('logs')
    .description('what happened in a run: its tasks, tries and log lines')
    .argument('<run>', 'id of the run, or latest')
    .argument('[task]', "only this task, 'load[3]' or by its label 'load[eu]' one instance of it")
    .option('--instances', 'every instance of mapped tasks, however many there are')
    .action(async (run: string, task: string | undefined, options) =>
      done(await (await import('./commands/logs.ts')).logs(context(), run, task, options)),
    );
  inLedger(program.command('approve'))
    .description('answer a task of a run that waits for a person')
    .argument('[run]', 'id of the run here, or latest; with --env <dag>/<run>, or nothing for all that wait')
    .argument('[task]', "the task, 'task[3]' in a map; without it: all that wait")
    .option('-c, --choice <choice>', 'what is answered; without it: the first that does not reject')
    .option('-m, --comment <text>', 'why')
    .option('--by <name>', 'who answers; without it: who is logged in')
    .action(async (run: string | undefined, task: string | undefined, options) =>
      done(await (await import('./commands/approve.ts')).approve(context(), run, task, options)),
    );
  program
    .command('completion')
    .description('print the completion script of a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) =>
      done(await (await import('./commands/completion.ts')).completion(context(), program, shell)),
    );
}

/** `error: unknown option '--jsn'` → `tutti › unknown option '--jsn'`: one form for every message. */
function usageText(text: string): string {
  const here = /unknown option '--env'/.test(text)
    ? '\nthis command is about this folder alone; about an environment are list, next, why, audit, runs list, runs show, runs logs'
    : '';
  return `${text.trimEnd().replace(/^error: /, 'tutti › ')}${here}`;
}
