/** The calls of DynamoDB that the store makes, of one table. */

import type {
  AttributeValue,
  BatchGetItemCommandInput,
  ConsumedCapacity,
  WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { isNamed } from '../../runtime/named-error.ts';
import type { AwsClient } from '../signed/command.ts';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '../signed/commands.ts';
import { batchesOf, inParallel, pauseBefore } from './batches.ts';
import {
  conditionOf,
  type Expression,
  type Item,
  type ItemKey,
  isPossible,
  keyOf,
  queryOf,
  type Range,
} from './requests.ts';

/** What an operation consumed. */
export interface Units {
  readonly operation: 'get' | 'query' | 'put' | 'update' | 'delete';
  /** Of reading: a consistent one of 4 KB. */
  readonly read: number;
  /** Of writing 1 KB, those of the index too. */
  readonly write: number;
}

export interface TableOptions {
  readonly client: AwsClient;
  readonly table: string;
  /** Called with what each operation consumed. @default nobody asks */
  readonly count?: (units: Units) => void;
}

/** `old`: what is there instead of what was expected. */
export type Written =
  | { readonly done: true; readonly old?: Item | undefined }
  | { readonly done: false; readonly old?: Item | undefined };

/** Items that a batch may have. */
const MOST_READ = 100;
const MOST_WRITTEN = 25;
/** Items of a page of a range that is read little by little. */
const MOST_OF_PAGE = 500;

export class Table {
  readonly #options: TableOptions;
  constructor(options: TableOptions) {
    this.#options = options;
  }

  async get(key: ItemKey, { consistent = true } = {}): Promise<Item | undefined> {
    if (!isPossible(key)) return undefined;
    const input = { ...this.#input(), Key: keyOf(key), ConsistentRead: consistent };
    const { Item: item, ConsumedCapacity } = await this.#options.client.send(new GetItemCommand(input));
    this.#count('get', ConsumedCapacity);
    return item;
  }

  /** Those of them that are there, in any order. */
  async getAll(keys: readonly ItemKey[], { consistent = true } = {}): Promise<readonly Item[]> {
    const found: Item[] = [];
    const { table } = this.#options;
    for (const batch of batchesOf(keys.filter(isPossible), MOST_READ)) {
      let left: Record<string, AttributeValue>[] | undefined = batch.map(keyOf);
      for (let again = 0; left !== undefined && left.length > 0; again++) {
        await pauseBefore(again);
        const RequestItems: BatchGetItemCommandInput['RequestItems'] = {
          [table]: { Keys: left, ConsistentRead: consistent },
        };
        const command = new BatchGetItemCommand({ RequestItems, ...this.#counted() });
        const answer = await this.#options.client.send(command);
        this.#count('get', ...(answer.ConsumedCapacity ?? []));
        found.push(...(answer.Responses?.[table] ?? []));
        left = answer.UnprocessedKeys?.[table]?.Keys;
      }
    }
    return found;
  }

  /** Puts an item in the place of what is there, where `when` holds. */
  async put(item: Item, when?: Expression): Promise<Written> {
    const input = {
      ...this.#input(),
      Item: { ...item },
      ...conditionOf(when),
      ReturnValues: 'ALL_OLD',
    } as const;
    return this.#write('put', async () => this.#options.client.send(new PutItemCommand(input)));
  }

  /** Changes an item, or makes it, where `when` holds; `old`: what it was, or with `returns` what it is. */
  async update(
    key: ItemKey,
    change: Expression,
    {
      when,
      returns = 'NONE',
    }: { readonly when?: Expression; readonly returns?: 'NONE' | 'UPDATED_NEW' } = {},
  ): Promise<Written> {
    const names = { ...change.names, ...when?.names };
    const values = { ...change.values, ...when?.values };
    const input = {
      ...this.#input(),
      ...conditionOf(when),
      Key: keyOf(key),
      UpdateExpression: change.text,
      ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
      ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
      ReturnValues: returns,
    };
    return this.#write('update', async () => this.#options.client.send(new UpdateItemCommand(input)));
  }

  /** Removes an item where `when` holds. */
  async remove(key: ItemKey, when?: Expression): Promise<Written> {
    const input = { ...this.#input(), Key: keyOf(key), ...conditionOf(when) };
    return this.#write('delete', async () => this.#options.client.send(new DeleteItemCommand(input)));
  }

  /** Puts and removes many items, in no order, whatever is there. */
  async writeAll({
    put = [],
    remove = [],
  }: {
    put?: readonly Item[];
    remove?: readonly ItemKey[];
  }): Promise<void> {
    const requests: WriteRequest[] = [
      ...put.map((item) => ({ PutRequest: { Item: { ...item } } })),
      ...remove.map((key) => ({ DeleteRequest: { Key: keyOf(key) } })),
    ];
    await inParallel(batchesOf(requests, MOST_WRITTEN), (batch) => this.#writeBatch(batch));
  }

  /** Items of a range, page by page, each read when it is asked for. */
  async *pages(range: Range): AsyncGenerator<readonly Item[]> {
    const [low = range.prefix ?? ''] = range.between ?? [];
    if (!isPossible({ pk: range.pk, sk: low })) return;
    const { client } = this.#options;
    const input = { ...this.#input(), ...queryOf(range) };
    let limit = range.first;
    let from: Record<string, AttributeValue> | undefined;
    do {
      const command = new QueryCommand({
        ...input,
        ...(limit === undefined ? {} : { Limit: limit }),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      });
      const answer = await client.send(command);
      this.#count('query', answer.ConsumedCapacity);
      yield answer.Items ?? [];
      from = answer.LastEvaluatedKey;
      if (limit !== undefined) limit = Math.min(2 * limit, Math.max(limit, MOST_OF_PAGE));
    } while (from !== undefined);
  }

  /** A whole range. */
  async all(range: Range): Promise<readonly Item[]> {
    const items: Item[] = [];
    for await (const page of this.pages(range)) items.push(...page);
    return items;
  }

  async #writeBatch(batch: readonly WriteRequest[]): Promise<void> {
    const { table, client } = this.#options;
    let left: WriteRequest[] | undefined = [...batch];
    for (let again = 0; left !== undefined && left.length > 0; again++) {
      await pauseBefore(again);
      const command = new BatchWriteItemCommand({
        RequestItems: { [table]: left },
        ...this.#counted(),
      });
      const answer = await client.send(command);
      this.#count('put', ...(answer.ConsumedCapacity ?? []));
      left = answer.UnprocessedItems?.[table];
    }
  }

  async #write(
    operation: Units['operation'],
    send: () => Promise<{ Attributes?: Item | undefined; ConsumedCapacity?: ConsumedCapacity | undefined }>,
  ): Promise<Written> {
    try {
      const { Attributes, ConsumedCapacity } = await send();
      this.#count(operation, ConsumedCapacity);
      return { done: true, old: Attributes };
    } catch (error) {
      if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
      // What is refused consumes what the write would have; DynamoDB tells no number.
      this.#count(operation, { CapacityUnits: 1 });
      const { Item: old } = error as { readonly Item?: Item };
      return { done: false, old };
    }
  }

  #input() {
    return { TableName: this.#options.table, ...this.#counted() };
  }

  #counted() {
    return this.#options.count === undefined ? {} : ({ ReturnConsumedCapacity: 'TOTAL' } as const);
  }

  #count(operation: Units['operation'], ...consumed: readonly (ConsumedCapacity | undefined)[]): void {
    const units = consumed.reduce((sum, each) => sum + (each?.CapacityUnits ?? 0), 0);
    const isRead = operation === 'get' || operation === 'query';
    this.#options.count?.({ operation, read: isRead ? units : 0, write: isRead ? 0 : units });
  }
}
