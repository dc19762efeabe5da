/** A DAG's own function: its entry, which is made as it is deployed, hands its DAG to {@link dagHandler}. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessBy } from '../lib/aws/signed/access.ts';
import { awsClients } from '../lib/aws/signed/clients.ts';
import { dagFunction } from '../lib/aws/task/dag-function.ts';
import type { Json } from '../lib/base/json.ts';
import { DAG_FILE, type DagFile } from '../lib/deployment/files.ts';
import type { DagNode } from '../lib/model/dag.ts';

/** What Lambda calls. @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export type DagHandler = (
  event: unknown,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<Json>;

/** @throws {Error} where the file of the environment is not beside this one */
export function dagHandler(dag: DagNode): DagHandler {
  const file: DagFile = JSON.parse(readFileSync(join(import.meta.dirname, DAG_FILE), 'utf8'));
  const run = dagFunction({
    dag,
    file,
    access: ACCESS,
    clients: awsClients(ACCESS),
    callEngine: async (call) => (await import('../lib/aws/engines/call.ts')).callEngine(call),
    endJobs: async (event, world) =>
      (await import('../lib/aws/engines/cancel-jobs.ts')).cancelJobs(event, world),
    nowMs: Date.now,
    write: (line) => void process.stdout.write(`${line}\n`),
    folder: tmpdir(),
  });
  return (event, context) => run(event, { remainingMs: () => context.getRemainingTimeInMillis() });
}

// Not by an import: that reads all that `process` has, and so makes streams, a tenth of what a function loads.
const ACCESS = accessBy(process.env);
