import { isObject, type Json } from '../../base/json.ts';
import { type Failure, taskFailure } from '../failure.ts';
import { textOf } from '../json-text.ts';
import { optionalTemplate } from '../template.ts';
import type { Visit } from '../visit.ts';
import { ask } from './ask.ts';

/** How a child execution ended. */
export interface ChildResult {
  readonly input: Json;
  readonly output?: Json;
  readonly failure?: Failure;
}

const RESOURCE = 'arn:aws:states:::s3:putObject';

/**
 * Writes the results to files, as `ResultWriter` says, and gives where they are.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export function resultWriter(
  writer: Json,
): (visit: Visit, mapRunArn: string, results: readonly ChildResult[]) => Promise<Json> {
  const place = optionalTemplate(
    isObject(writer) ? writer['Arguments'] : undefined,
    'ResultWriter/Arguments',
  );
  return async (visit, mapRunArn, results) => {
    if (place === undefined) return outputsOf(results);
    const { Bucket = '', Prefix = '' } = Object(await place(visit.scope()));
    const folder = `${Prefix}${Prefix === '' || String(Prefix).endsWith('/') ? '' : '/'}${mapRunArn.split('/').at(-1)}`;
    const files = {
      SUCCEEDED: results.filter(({ failure }) => failure === undefined),
      FAILED: results.filter(({ failure }) => failure !== undefined),
    };
    const listed: Record<string, Json> = {};
    for (const [status, ended] of Object.entries(files)) {
      if (ended.length === 0) {
        listed[status] = [];
        continue;
      }
      const Body = textOf(ended.map((result) => record(result, status)));
      await put(visit, { Bucket, Key: `${folder}/${status}_0.json`, Body });
      listed[status] = [{ Key: `${folder}/${status}_0.json`, Size: Buffer.byteLength(Body) }];
    }
    const Key = `${folder}/manifest.json`;
    const manifest = {
      DestinationBucket: Bucket,
      MapRunArn: mapRunArn,
      ResultFiles: { ...listed, PENDING: [] },
    };
    await put(visit, { Bucket, Key, Body: textOf(manifest) });
    return { MapRunArn: mapRunArn, ResultWriterDetails: { Bucket, Key } };
  };
}

function outputsOf(results: readonly ChildResult[]): Json {
  return results.flatMap(({ output }) => (output === undefined ? [] : [output]));
}

function record(result: ChildResult, Status: string): Json {
  const common = { Input: textOf(result.input), Status };
  if (result.failure === undefined) return { ...common, Output: textOf(result.output ?? null) };
  return { ...common, Error: result.failure.error ?? '', Cause: result.failure.causeText ?? '' };
}

async function put(visit: Visit, object: { Bucket: Json; Key: string; Body: string }): Promise<void> {
  await ask(visit, RESOURCE, { ...object }, (thrown) => {
    const { error, causeText } = taskFailure(thrown);
    return ['States.ResultWriterFailed', `${error}: ${causeText}`];
  });
}
