/** What every DAG of the suite is made of: tasks that come by the gate, so that the suite sees and holds them. */
import { connection, FailTask, type FnContext, fn, SkipTask } from '../../../../lib/index.ts';

const gate = connection.http('gate');

interface Passed {
  readonly task: string;
}

/** Waits at the gate, and ends as the suite says. */
export function gated(task: string) {
  return fn({ task }, waitAtGate);
}

/** Is seen, and succeeds. */
export function seen(task: string) {
  return fn({ task }, passByGate);
}

async function waitAtGate({ task }: Passed, context: FnContext) {
  const outcome = await askGate('/gate', task, context);
  if (outcome === 'fail') throw new FailTask(`${task} was told to fail`);
  if (outcome === 'skip') throw new SkipTask(`${task} was told to skip`);
  return { task, outcome };
}

async function passByGate({ task }: Passed, context: FnContext) {
  return pass(task, context);
}

/** Is seen under this name. */
export async function pass(name: string, context: FnContext) {
  context.log.info('passing', { name });
  return { name, outcome: await askGate('/pass', name, context) };
}

async function askGate(path: string, task: string, { http, run }: FnContext): Promise<string> {
  const query = { dag: run.dagId, run: run.runId, task, try: run.try };
  const { outcome } = await http(gate).get<{ readonly outcome: string }>(path, { query });
  return outcome;
}
