/** Which Lambda functions the tasks of a DAG run in: most in `main`, those that ask for another size in their own. */
import { compareTexts } from '../base/compare.ts';
import { shortHash } from '../base/hash.ts';
import type { DagNode } from '../model/dag.ts';
import type { CallNode, FunctionSize, FunctionVpc } from '../model/task.ts';

/** One function of a DAG: all have the same code. */
export interface DagFunction {
  /** Its name in `run.fns`, letters and digits: `main`, `m1024`, `m1024e2048`. */
  readonly key: string;
  /** MB */
  readonly memory: number;
  /** MB of `/tmp`. @default Lambda's 512 */
  readonly ephemeralStorage?: number;
  /** `false`: in none. @default the environment's */
  readonly vpc?: FunctionVpc | false;
}

/** The function of tasks that ask for nothing. */
export const MAIN_FUNCTION = 'main';

/** MB of a function where nobody says anything. */
const DEFAULT_MEMORY = 512;
/** MB of `/tmp`. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html */
const DEFAULT_STORAGE = 512;

/** Every function of a DAG, `main` first: it also calls engines and cancels their jobs. */
export function functionsOf(dag: DagNode): readonly DagFunction[] {
  const functions = new Map<string, DagFunction>([
    [MAIN_FUNCTION, { key: MAIN_FUNCTION, memory: DEFAULT_MEMORY }],
  ]);
  for (const { call } of dag.tasks) {
    const key = functionKey(call);
    if (functions.has(key)) continue;
    const { memory = DEFAULT_MEMORY, ephemeralStorage, vpc } = sizeOf(call);
    functions.set(key, {
      key,
      memory,
      ...(ephemeralStorage === undefined ? {} : { ephemeralStorage }),
      ...(vpc === undefined ? {} : { vpc }),
    });
  }
  return [...functions.values()];
}

/** The function that runs a task, by its name in `run.fns`. */
export function functionKey(call: CallNode): string {
  const { memory = DEFAULT_MEMORY, ephemeralStorage = DEFAULT_STORAGE, vpc } = sizeOf(call);
  const parts = [
    ...(memory === DEFAULT_MEMORY ? [] : [`m${memory}`]),
    ...(ephemeralStorage === DEFAULT_STORAGE ? [] : [`e${ephemeralStorage}`]),
    ...(vpc === undefined ? [] : [`v${vpc === false ? '0' : shortHash(vpcText(vpc))}`]),
  ];
  return parts.length === 0 ? MAIN_FUNCTION : parts.join('');
}

function sizeOf(call: CallNode): FunctionSize {
  return call.kind === 'fn' ? call : {};
}

/** The same whatever the order of ids. */
function vpcText({ subnetIds, securityGroupIds }: FunctionVpc): string {
  return JSON.stringify([subnetIds.toSorted(compareTexts), securityGroupIds.toSorted(compareTexts)]);
}
