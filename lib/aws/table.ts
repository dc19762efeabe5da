/** Single items of the environment's table, of texts and numbers alone: what the store of runs does not keep. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { isNamed } from '../runtime/named-error.ts';
import type { AwsClient } from './signed/command.ts';
import { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand } from './signed/commands.ts';

/** A table with the keys `pk` and `sk`. */
export interface Table {
  readonly client: AwsClient;
  readonly name: string;
}

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export interface Item extends ItemKey {
  readonly [field: string]: string | number;
}

/** What must hold for a write: the item is not there, or a field of it has this value. */
export type When = 'absent' | { readonly field: string; readonly is: string | number };

/** Read consistently: every write that was answered is in it. */
export async function getItem({ client, name }: Table, { pk, sk }: ItemKey): Promise<Item | undefined> {
  const found = await client.send(
    new GetItemCommand({ TableName: name, Key: written({ pk, sk }), ConsistentRead: true }),
  );
  return found.Item === undefined ? undefined : read(found.Item);
}

/** False where `when` does not hold. */
export async function putItem({ client, name }: Table, item: Item, when?: When): Promise<boolean> {
  const put = new PutItemCommand({ TableName: name, Item: written(item), ...conditionOf(when) });
  return unlessRefused(client.send(put));
}

/** False where `when` does not hold; true also where there was none. */
export async function deleteItem(
  { client, name }: Table,
  { pk, sk }: ItemKey,
  when?: When,
): Promise<boolean> {
  const remove = new DeleteItemCommand({ TableName: name, Key: written({ pk, sk }), ...conditionOf(when) });
  return unlessRefused(client.send(remove));
}

/** All of a partition whose sort keys begin so, in their order, read consistently. */
export async function itemsOf(
  { client, name }: Table,
  pk: string,
  { prefix = '', limit }: { readonly prefix?: string; readonly limit?: number } = {},
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page: {
      Items?: Record<string, AttributeValue>[];
      LastEvaluatedKey?: Record<string, AttributeValue>;
    } = await client.send(
      new QueryCommand({
        TableName: name,
        KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk and begins_with(sk, :sk)',
        ExpressionAttributeValues: written(prefix === '' ? { ':pk': pk } : { ':pk': pk, ':sk': prefix }),
        ConsistentRead: true,
        ExclusiveStartKey: from,
        ...(limit === undefined ? {} : { Limit: limit - items.length }),
      }),
    );
    items.push(...(page.Items ?? []).map(read));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && (limit === undefined || items.length < limit));
  return items;
}

function conditionOf(when: When | undefined) {
  if (when === undefined) return {};
  if (when === 'absent') return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#field = :is',
    ExpressionAttributeNames: { '#field': when.field },
    ExpressionAttributeValues: written({ ':is': when.is }),
  };
}

async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
}

function written(fields: Readonly<Record<string, string | number>>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      field,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]),
  );
}

function read(attributes: Readonly<Record<string, AttributeValue>>): Item {
  const fields: Record<string, string | number> = {};
  for (const [field, { S, N }] of Object.entries(attributes)) {
    if (S !== undefined) fields[field] = S;
    else if (N !== undefined) fields[field] = Number(N);
  }
  return { pk: '', sk: '', ...fields };
}
