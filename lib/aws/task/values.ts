/** Outputs too large to travel in the machine: objects `values/<dag>/<run>/<attempt>/<task>@<instance>.<field>.json`. */
import type { Json, JsonObject } from '../../base/json.ts';
import { BUCKET } from '../../deployment/names.ts';
import type { RunInput } from '../../model/run-input.ts';
import {
  type LargeValue,
  outputLost,
  pathsIn,
  referenceIn,
  type ValueFolder,
  withLarge,
} from '../../runtime/large-values.ts';
import type { Bucket } from './bucket.ts';

/** Those of one attempt. */
function attemptValues({ run }: RunInput): ValueFolder {
  return { folder: `${ofDag(run.dagId).folder}${run.id}/${run.attempt}/` };
}

/** Where a try's values would be kept. */
export function referAt(
  input: RunInput,
): (field: Parameters<typeof referenceIn>[1]) => ReturnType<typeof referenceIn> {
  const place = attemptValues(input);
  return (field) => referenceIn(place, field);
}

export async function keepValues(objects: Bucket, values: readonly LargeValue[]): Promise<void> {
  await Promise.all(
    values.map(({ reference, value }) => objects.put(reference.$file, JSON.stringify(value))),
  );
}

/** `args` with every reference to a value of the DAG replaced by it. @throws {TaskError} `Dag.OutputLost` */
export async function withKept(objects: Bucket, dagId: string, args: JsonObject): Promise<JsonObject> {
  const place = ofDag(dagId);
  const paths = pathsIn(args, place);
  if (paths.length === 0) return args;
  const read = async (path: string) => [path, await objects.get(path)] as const;
  const found = new Map(await Promise.all(paths.map(read)));
  return withLarge(args, { ...place, read: (path) => valueIn(path, found.get(path)) });
}

/** Values of earlier attempts are read too: what does not run again is what it was. */
function ofDag(dagId: string): ValueFolder {
  return { folder: `${BUCKET.values}${dagId}/` };
}

function valueIn(path: string, content: Uint8Array | undefined): Json {
  if (content === undefined) throw outputLost(path);
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (cause) {
    throw outputLost(path, cause);
  }
}
