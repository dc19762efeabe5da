import type { Check } from '../../aws/operate/checks.ts';
import { byStack } from '../../deployment/stacks.ts';
import { checkLines } from '../deploy/check-lines.ts';
import { dagsHere, deployedPlace } from '../deploy/environment.ts';
import { loadChecks, loadClients } from '../deploy/operate.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { isError, openProject, printProblems } from '../project.ts';
import { count } from '../words.ts';

/** Looks at what must be so for this project, or a deployed environment, to work; says what to do about what is not. */
export async function doctor(context: Context, options: LedgerOptions): Promise<ExitCode> {
  const environment = options.env ?? 'local';
  const project = await openProject(context);
  const errors = project.problems.filter(isError);
  if (errors.length > 0) printProblems(errors, context);
  const dags = dagsHere(project, environment);
  const here: readonly Check[] = [
    nodeCheck(process.versions.node),
    errors.length === 0
      ? { name: 'project', state: 'ok', text: `${count(dags.length, 'DAG')} without mistakes` }
      : { name: 'project', state: 'failed', text: 'has the mistakes above', remedy: 'tutti check' },
  ];
  const there = environment === 'local' ? [] : await checksThere(context, options, dags);
  const checks = [...here, ...there];
  const { terminal } = context;
  const isWell = checks.every(({ state }) => state !== 'failed');
  terminal.json({ environment, ok: isWell, checks });
  for (const line of checkLines(terminal, checks)) terminal.print(line);
  return isWell ? EXIT.ok : EXIT.failed;
}

/** As package.json's engines. */
const MIN_NODE = 24;

function nodeCheck(version: string): Check {
  const isNew = Number.parseInt(version, 10) >= MIN_NODE;
  const name = 'node';
  if (isNew) return { name, state: 'ok', text: version };
  const remedy = 'npm install --save-dev node@24, and start it by npx';
  return { name, state: 'failed', text: `must be ${MIN_NODE} or newer, got ${version}`, remedy };
}

async function checksThere(
  context: Context,
  options: LedgerOptions,
  dags: ReturnType<typeof dagsHere>,
): Promise<readonly Check[]> {
  const { environment, aws } = await deployedPlace(context, 'doctor', options.env);
  const stacks = [
    ...byStack(
      environment,
      aws,
      dags.map(({ dag }) => dag),
    ).keys(),
  ];
  const { operatorClients } = await loadClients();
  const { environmentChecks } = await loadChecks();
  const place = { environment, account: aws.account, region: aws.region, stacks };
  const checks = await environmentChecks(operatorClients(aws.region), place);
  if (checks.some(({ state }) => state === 'failed')) return checks;
  return [...checks, await apiCheck(context, options)];
}

/** The API answers, and somebody starts what is due. */
async function apiCheck(context: Context, options: LedgerOptions): Promise<Check> {
  const name = 'API and ledger';
  let found: Check | undefined;
  try {
    await withLedger(context, options, async ({ store, clock }) => {
      const [heads, open] = [await store.dags.heads(), await store.runs.open()];
      const stale = open.filter(
        ({ state, queuedAt }) => state === 'starting' && clock.now() - Date.parse(queuedAt) > STALE_MS,
      );
      found =
        stale.length === 0
          ? { name, state: 'ok', text: `${count(heads.length, 'DAG')}, ${count(open.length, 'open run')}` }
          : {
              name,
              state: 'warning',
              text: `${count(stale.length, 'run')} starting for more than 30 minutes`,
              remedy: `look at the log of tutti-${options.env}-sweep: it starts what was left`,
            };
      return EXIT.ok;
    });
  } catch (error) {
    found = { name, state: 'failed', text: error instanceof Error ? error.message : String(error) };
  }
  return found ?? { name, state: 'failed', text: 'gave no answer' };
}

const STALE_MS = 1_800_000;
