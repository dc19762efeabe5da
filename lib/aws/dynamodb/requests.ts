/** Keys, conditions and ranges as DynamoDB is asked by them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../deployment/table.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** An expression, and the names and values in it. */
export interface Expression {
  readonly text: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

export interface Range {
  readonly pk: string;
  /** Sort keys that begin so. @default all */
  readonly prefix?: string;
  /** Sort keys from … to, both inclusive. */
  readonly between?: readonly [from: string, to: string];
  /** @default false: ascending */
  readonly newestFirst?: boolean;
  /** @default true; never of the index */
  readonly consistent?: boolean;
  /** Of the index, not the table. @default false */
  readonly index?: boolean;
  /** Items of the first page; later ones are larger. @default as many as fit a megabyte */
  readonly first?: number;
}

export function queryOf({
  pk,
  prefix,
  between,
  newestFirst = false,
  consistent = true,
  index = false,
}: Range) {
  const { partitionKey, sortKey } = index ? TABLE.index : TABLE;
  const [from = prefix, to] = between ?? [];
  const sorted = {
    none: '',
    prefix: ' and begins_with(#sk, :from)',
    between: ' and #sk between :from and :to',
  };
  const kind = between === undefined ? (prefix === undefined ? 'none' : 'prefix') : 'between';
  return {
    ...(index ? { IndexName: TABLE.index.name } : {}),
    KeyConditionExpression: `#pk = :pk${sorted[kind]}`,
    ExpressionAttributeNames: { '#pk': partitionKey, ...(kind === 'none' ? {} : { '#sk': sortKey }) },
    ExpressionAttributeValues: {
      ':pk': { S: pk },
      ...(from === undefined ? {} : { ':from': { S: from } }),
      ...(to === undefined ? {} : { ':to': { S: to } }),
    },
    ScanIndexForward: !newestFirst,
    ConsistentRead: consistent && !index,
  };
}

export function conditionOf(when: Expression | undefined) {
  if (when === undefined) return {};
  return {
    ConditionExpression: when.text,
    ...(when.names === undefined ? {} : { ExpressionAttributeNames: { ...when.names } }),
    ...(when.values === undefined ? {} : { ExpressionAttributeValues: { ...when.values } }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

/** Names that people ask for may be longer than any that there can be. */
export function isPossible({ pk, sk }: ItemKey): boolean {
  return Buffer.byteLength(pk) <= 2_048 && Buffer.byteLength(sk) <= 1_024;
}

export function keyOf({ pk, sk }: ItemKey): Record<string, AttributeValue> {
  return { [TABLE.partitionKey]: { S: pk }, [TABLE.sortKey]: { S: sk } };
}
