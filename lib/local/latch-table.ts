/**
 * The one table a compiled machine uses, in memory, with DynamoDB's conditional semantics, and the
 * answers to task tokens: what `step-functions` latches need of AWS, served here without a promise.
 */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { TaskError } from '../interpreter/resource.ts';
import { parseCondition } from './dynamodb/condition.ts';
import { checkSize, type Item, itemFrom, malformed } from './dynamodb/item.ts';
import { type Changes, changed, parseUpdate } from './dynamodb/update.ts';

/** Where the answers to task tokens go; the interpreter's `TaskTokens` is one. */
export interface TokenAnswers {
  success(token: string, output: Json): void;
  failure(token: string, error: string, cause: string): void;
}

/** One item's place. */
export interface ItemKey {
  readonly table: string;
  readonly pk: string;
  readonly sk: string;
}

export interface LatchTable {
  /** Answers a table or token call at once; `undefined` for every other resource. @throws {TaskError} as AWS names it */
  readonly handle: (call: { readonly resource: string; readonly arguments: Json }) => Json | undefined;
  readonly get: (key: ItemKey) => Item | undefined;
  /** Stores an item whole; its own `pk` and `sk` are its key. */
  readonly put: (table: string, item: Item) => void;
  /** Every item, by table, in the order of their keys. */
  readonly dump: () => Readonly<Record<string, readonly Item[]>>;
}

/** True for a resource that {@link LatchTable.handle} answers. */
export function isTableCall(resource: string): boolean {
  return CALLS[resource] !== undefined;
}

/** An empty table of tables. */
export function latchTable(tokens: TokenAnswers): LatchTable {
  const world: World = { tokens, tables: new Map() };
  return {
    handle({ resource, arguments: args }) {
      const call = CALLS[resource];
      if (call === undefined) return undefined;
      if (!isObject(args)) throw malformed('1 validation error detected: the arguments must be an object');
      return call(world, args);
    },
    get: (key) => read(world, key),
    put: (table, item) => write(world, { ...keyOf(item), table }, item),
    dump: () => Object.fromEntries([...world.tables].map(([table, items]) => [table, sorted(items)])),
  };
}

interface World {
  readonly tokens: TokenAnswers;
  /** Table → key text → item. */
  readonly tables: Map<string, Map<string, Item>>;
}

/** Of error names: the SDK integration's, the optimised one's. */
type Prefix = 'DynamoDb' | 'DynamoDB';

type Call = (world: World, args: JsonObject) => Json;

const CALLS: Readonly<Record<string, Call | undefined>> = {
  'arn:aws:states:::aws-sdk:dynamodb:updateItem': updateItem('DynamoDb'),
  'arn:aws:states:::dynamodb:updateItem': updateItem('DynamoDB'),
  'arn:aws:states:::aws-sdk:dynamodb:putItem': putItem('DynamoDb'),
  'arn:aws:states:::dynamodb:putItem': putItem('DynamoDB'),
  'arn:aws:states:::aws-sdk:dynamodb:getItem': getItem,
  'arn:aws:states:::dynamodb:getItem': getItem,
  'arn:aws:states:::aws-sdk:dynamodb:batchGetItem': batchGetItem,
  'arn:aws:states:::aws-sdk:dynamodb:transactWriteItems': transactWriteItems,
  'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess': sendTaskSuccess,
  'arn:aws:states:::aws-sdk:sfn:sendTaskFailure': sendTaskFailure,
};

function updateItem(prefix: Prefix): Call {
  return (world, args) => {
    const key = requestKey(args, args['Key']);
    const stored = read(world, key);
    const before: Item = stored ?? { pk: { S: key.pk }, sk: { S: key.sk } };
    const update = text(args, 'UpdateExpression');
    const parsed = update === undefined ? undefined : cachedUpdate(update);
    checkCondition(args, stored, { prefix, used: parsed?.used });
    const changes = parsed?.changes(scopeOf(args, before)) ?? new Map();
    const after = checkSize(changed(before, changes));
    write(world, key, after);
    return returned(text(args, 'ReturnValues') ?? 'NONE', { stored, after, changes });
  };
}

function putItem(prefix: Prefix): Call {
  return (world, args) => {
    const item = checkSize(itemFrom(args['Item']));
    const key = requestKey(args, { pk: item['pk'], sk: item['sk'] });
    const stored = read(world, key);
    checkCondition(args, stored, { prefix });
    write(world, key, item);
    return text(args, 'ReturnValues') === 'ALL_OLD' && stored !== undefined ? { Attributes: stored } : {};
  };
}

function getItem(world: World, args: JsonObject): Json {
  const item = read(world, requestKey(args, args['Key']));
  return item === undefined ? {} : { Item: projected(item, args) };
}

/** In no particular order, as DynamoDB says: here the reverse of what was asked, so that nobody relies on it. */
function batchGetItem(world: World, args: JsonObject): Json {
  const requests = Object.entries(objectIn(args, 'RequestItems'));
  const responses = requests.map(([table, request]) => [table, itemsOf(world, table, request)] as const);
  return { Responses: Object.fromEntries(responses), UnprocessedKeys: {} };
}

function itemsOf(world: World, table: string, request: Json | undefined): readonly Item[] {
  const keys = isObject(request) && Array.isArray(request['Keys']) ? request['Keys'] : [];
  if (keys.length === 0 || keys.length > 100) {
    throw malformed(`Too many or no items requested for the BatchGetItem call: ${keys.length}`);
  }
  const asked = keys.map((key: Json) => requestKey({ TableName: table }, key));
  if (new Set(asked.map(keyText)).size < asked.length) {
    throw malformed('Provided list of item keys contains duplicates');
  }
  const found = asked.map((key) => read(world, key)).filter((item) => item !== undefined);
  return found.map((item) => projected(item, isObject(request) ? request : {})).reverse();
}

/** Condition checks only: what a machine asks of several items at once. */
function transactWriteItems(world: World, args: JsonObject): Json {
  const items = Array.isArray(args['TransactItems']) ? args['TransactItems'] : [];
  if (items.length === 0 || items.length > 100) {
    throw malformed(`Member must have length between 1 and 100 at 'transactItems', got ${items.length}`);
  }
  const reasons = items.map((item: Json) => {
    const check = isObject(item) ? objectIn(item, 'ConditionCheck') : {};
    const condition = cachedCondition(text(check, 'ConditionExpression') ?? '');
    checkUsed(check, [condition.used]);
    const found = read(world, requestKey(check, check['Key'])) ?? {};
    return condition.holds(scopeOf(check, found)) ? 'None' : 'ConditionalCheckFailed';
  });
  if (reasons.every((reason) => reason === 'None')) return {};
  throw new TaskError(
    'DynamoDb.TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.join(', ')}]`,
  );
}

function sendTaskSuccess(world: World, args: JsonObject): Json {
  const output = text(args, 'Output') ?? '';
  const value = parsedJson(output);
  if (value === undefined) {
    throw new TaskError(
      'Sfn.InvalidOutputException',
      `Invalid Output: '${output.slice(0, 200)}' is not JSON`,
    );
  }
  world.tokens.success(text(args, 'TaskToken') ?? '', value);
  return {};
}

function sendTaskFailure(world: World, args: JsonObject): Json {
  world.tokens.failure(text(args, 'TaskToken') ?? '', text(args, 'Error') ?? '', text(args, 'Cause') ?? '');
  return {};
}

function checkCondition(
  args: JsonObject,
  item: Item | undefined,
  { prefix, used }: { readonly prefix: Prefix; readonly used?: ReadonlySet<string> | undefined },
): void {
  const source = text(args, 'ConditionExpression');
  const condition = source === undefined ? undefined : cachedCondition(source);
  checkUsed(args, [used, condition?.used]);
  if (condition?.holds(scopeOf(args, item ?? {})) === false) {
    throw CONDITION_FAILED[prefix];
  }
}

/** Made once: a latch that is already set is no exception, and a stack trace costs more than the write. */
const CONDITION_FAILED = { DynamoDb: conditionFailed('DynamoDb'), DynamoDB: conditionFailed('DynamoDB') };

function conditionFailed(prefix: string): TaskError {
  return new TaskError(
    `${prefix}.ConditionalCheckFailedException`,
    'The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: local)',
  );
}

/** DynamoDB refuses placeholders that no expression uses. */
function checkUsed(args: JsonObject, used: readonly (ReadonlySet<string> | undefined)[]): void {
  for (const field of ['ExpressionAttributeNames', 'ExpressionAttributeValues']) {
    const unused = Object.keys(objectIn(args, field)).filter((name) => !used.some((set) => set?.has(name)));
    if (unused.length === 0) continue;
    throw malformed(`Value provided in ${field} unused in expressions: keys: {${unused.join(', ')}}`);
  }
}

function returned(
  which: string,
  {
    stored,
    after,
    changes,
  }: { readonly stored: Item | undefined; readonly after: Item; readonly changes: Changes },
): Json {
  if (which === 'NONE') return {};
  if (which === 'ALL_NEW') return { Attributes: after };
  if (which === 'ALL_OLD') return stored === undefined ? {} : { Attributes: stored };
  const from = which === 'UPDATED_NEW' ? after : (stored ?? {});
  if (which !== 'UPDATED_NEW' && which !== 'UPDATED_OLD') {
    throw malformed(
      `1 validation error detected: Value '${which}' at 'returnValues' failed to satisfy constraint`,
    );
  }
  return {
    Attributes: Object.fromEntries(
      [...changes.keys()].filter((name) => from[name]).map((name) => [name, from[name]]),
    ),
  };
}

function projected(item: Item, args: JsonObject): Item {
  const projection = text(args, 'ProjectionExpression');
  if (projection === undefined) return item;
  const names = objectIn(args, 'ExpressionAttributeNames');
  const wanted = projection.split(',').map((part) => {
    const name = part.trim();
    const real = name.startsWith('#') ? names[name] : name;
    if (typeof real === 'string' && real !== '') return real;
    throw malformed(`Invalid ProjectionExpression: attribute name "${name}" is not defined`);
  });
  return Object.fromEntries(Object.entries(item).filter(([name]) => wanted.includes(name)));
}

function requestKey(args: JsonObject, value: Json | undefined): ItemKey {
  const table = text(args, 'TableName');
  if (table === undefined || table === '')
    throw malformed(`1 validation error detected: TableName must be given`);
  return { ...keyOf(itemFrom(value)), table };
}

function keyOf(item: Item): { readonly pk: string; readonly sk: string } {
  return { pk: keyPart(item, 'pk'), sk: keyPart(item, 'sk') };
}

function keyPart(item: Item, name: string): string {
  const { [name]: part = {} } = item;
  const { S: content } = part;
  if (typeof content === 'string' && content !== '') return content;
  throw malformed('The provided key element does not match the schema');
}

function keyText({ pk, sk }: ItemKey): string {
  return `${pk}\u0000${sk}`;
}

function read(world: World, key: ItemKey): Item | undefined {
  return world.tables.get(key.table)?.get(keyText(key));
}

function write(world: World, key: ItemKey, item: Item): void {
  const items = world.tables.get(key.table) ?? new Map<string, Item>();
  world.tables.set(key.table, items);
  items.set(keyText(key), item);
}

function sorted(items: ReadonlyMap<string, Item>): readonly Item[] {
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

function scopeOf(args: JsonObject, item: Item) {
  return {
    item,
    names: objectIn(args, 'ExpressionAttributeNames'),
    values: objectIn(args, 'ExpressionAttributeValues'),
  };
}

function parsedJson(source: string): Json | undefined {
  try {
    return JSON.parse(source) as Json;
  } catch {
    return undefined;
  }
}

function objectIn(args: JsonObject, field: string): JsonObject {
  const value = args[field];
  return isObject(value) ? value : {};
}

function text(args: JsonObject, field: string): string | undefined {
  const value = args[field];
  return typeof value === 'string' ? value : undefined;
}

/** A machine has few expressions and many calls: each is parsed once. */
const cachedCondition = cached(parseCondition);
const cachedUpdate = cached(parseUpdate);

function cached<T>(parse: (source: string) => T): (source: string) => T {
  const known = new Map<string, T>();
  return (source) => {
    const found = known.get(source);
    if (found !== undefined) return found;
    const parsed = parse(source);
    if (known.size >= 1000) known.clear();
    known.set(source, parsed);
    return parsed;
  };
}
