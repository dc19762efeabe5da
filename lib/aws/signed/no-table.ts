/** A table that is not there: whoever asks for it, of any deployed part, is told the same. */

import { RefusedError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';

/**
 * What a request to DynamoDB failed with: where its table is not there {@link RefusedError} `no-table`, else what it was.
 * Of what a request names only a table can be missing.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export function orNoTable(error: unknown, input: object): unknown {
  if (!(error instanceof Error) || !MISSING.test(error.name)) return error;
  const path = `table "${tableOf(input)}"`;
  const text = `${path}: must exist in this account and region, got none; run cdk deploy for its environment`;
  return new RefusedError('no-table', text, { cause: error });
}

/** As the SDK names it, and as retry rules do. */
const MISSING = /^(DynamoDB\.)?ResourceNotFoundException$/;

/** Of a batch it is the key of what is asked for. */
function tableOf(input: object): string {
  const { TableName, RequestItems } = input as {
    readonly TableName?: string;
    readonly RequestItems?: object;
  };
  return TableName ?? (isObject(RequestItems) ? Object.keys(RequestItems).join(', ') : '');
}
