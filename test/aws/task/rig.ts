/** A DAG's function as Lambda would call it, with a table, a bucket and secrets of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsAccess } from '../../../lib/aws/signed/call.ts';
import { awsClients } from '../../../lib/aws/signed/clients.ts';
import { type DagFunction, type DagWorld, dagFunction } from '../../../lib/aws/task/dag-function.ts';
import { type RunTable, runTable } from '../../../lib/aws/task/run-table.ts';
import type { Json, JsonObject } from '../../../lib/base/json.ts';
import { type DeployedLogLine, deployedLine } from '../../../lib/deployment/log-line.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import type { RunInput, TaskEvent } from '../../../lib/model/run-input.ts';
import type { Cloud } from './cloud.ts';
import { CREDENTIALS } from './signature.ts';

export interface Rig {
  readonly call: (event: unknown, remainingMs?: number) => Promise<Json>;
  readonly table: RunTable;
  /** What was written, line by line. */
  readonly written: string[];
  /** Those of tries. */
  readonly lines: () => readonly DeployedLogLine[];
  /** The same in another execution environment: nothing is kept in memory. */
  readonly again: () => DagFunction;
  /** Where copies of files are. */
  readonly folder: string;
  readonly close: () => void;
}

export interface RigOptions extends Partial<Pick<DagWorld, 'file' | 'callEngine' | 'endJobs' | 'nowMs'>> {
  readonly cloud: Cloud;
  readonly table: TestTable;
  readonly connections?: DagWorld['file']['connections'];
}

/** A table, and where it answers. */
export interface TestTable {
  readonly name: string;
  readonly url: string;
}

export function rig(dag: DagNode, { cloud, table, connections = {}, ...options }: RigOptions): Rig {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-task-'));
  const written: string[] = [];
  const access: AwsAccess = {
    region: 'eu-central-1',
    credentials: () => CREDENTIALS,
    endpoint: (service) => (service === 'dynamodb' ? table.url : cloud.url),
  };
  const world: DagWorld = {
    dag,
    file: {
      environment: 'test',
      bucket: cloud.bucket,
      connections,
      asks: { connections: Object.keys(connections), secrets: ['*'] },
    },
    access,
    clients: awsClients(access),
    callEngine: async () => null,
    endJobs: async () => ({}),
    nowMs: Date.now,
    write: (line) => void written.push(line),
    folder,
    ...options,
  };
  const call = dagFunction(world);
  return {
    call: (event, remainingMs = 60_000) => call(event, { remainingMs: () => remainingMs }),
    table: runTable(access, table.name, new AbortController().signal),
    written,
    lines: () => written.flatMap((line) => deployedLine(line) ?? []),
    again: () => dagFunction(world),
    folder,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

let runs = 0;

export interface RunOptions {
  readonly attempt?: string;
  /** @default one that no other test has */
  readonly id?: string;
  readonly params?: JsonObject;
  readonly rerun?: RunInput['rerun'];
}

export function runInput(
  { table }: { readonly table: TestTable },
  dagId: string,
  options: RunOptions = {},
): RunInput {
  const { attempt = '1', id = `run-${runs++}`, params = {}, rerun } = options;
  return {
    run: {
      id,
      dagId,
      attempt,
      logicalDate: '2026-01-01T00:00:00Z',
      interval: { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z', date: '2026-01-01' },
      table: table.name,
      expires: '1800000000',
      fns: { main: 'main' },
    },
    params,
    ...(rerun === undefined ? {} : { rerun }),
  };
}

export function eventOf(task: string, execution: RunInput, more: Partial<TaskEvent> = {}): TaskEvent {
  return { task, execution, try: 1, ...more };
}
