import type { ItemReader } from '../../asl/states.ts';
import { isObject, type Json } from '../../base/json.ts';
import { Failure, taskFailure } from '../failure.ts';
import { adopt } from '../json-text.ts';
import { optionalTemplate } from '../template.ts';
import type { Visit } from '../visit.ts';
import { ask } from './ask.ts';
import { parseCsv } from './csv.ts';
import { type MapItem, membersOf } from './map-items.ts';

/** What a reader may be told in `ReaderConfig`, evaluated. */
interface ReaderConfig {
  readonly InputType?: Json;
  readonly MaxItems?: Json;
  readonly ItemsPointer?: Json;
  readonly CSVHeaderLocation?: Json;
  readonly CSVHeaders?: Json;
  readonly CSVDelimiter?: Json;
}

const FAILED = 'States.ItemReaderFailed';

/**
 * Reads a Map's items through the resource handler. The handler answers `s3:getObject` with the text, or
 * with `{ Body: text }`, and `s3:listObjectsV2` with `{ Contents: […] }`.
 *
 * Evaluates its fields first; what it returns reads.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export function itemReader(reader: ItemReader): (visit: Visit) => Promise<() => Promise<readonly MapItem[]>> {
  const args = optionalTemplate(reader.Arguments, 'ItemReader/Arguments');
  const configured = optionalTemplate(reader.ReaderConfig, 'ItemReader/ReaderConfig');
  return async (visit) => {
    const sent = (await args?.(visit.scope())) ?? {};
    const config: ReaderConfig = Object((await configured?.(visit.scope())) ?? {});
    return async () => {
      const answer = await ask(visit, reader.Resource, sent, unread);
      try {
        return itemsIn(answer, reader.Resource, config);
      } catch (cause) {
        const { causeText: text = '' } = taskFailure(cause);
        throw new Failure(FAILED, { text, cause });
      }
    };
  };
}

function unread(thrown: unknown): readonly [error: string, text: string] {
  const { error, causeText } = taskFailure(thrown);
  return [FAILED, `${error}: ${causeText}`];
}

function itemsIn(answer: unknown, resource: string, config: ReaderConfig): readonly MapItem[] {
  const isListing = resource.endsWith(':listObjectsV2');
  const items = isListing ? listed(answer) : parse(textOfAnswer(answer), config);
  const max = Number(config.MaxItems ?? 0);
  return max > 0 ? items.slice(0, max) : items;
}

function listed(answer: unknown): readonly MapItem[] {
  const { Contents = [] } = Object(answer);
  return asItems(adopt(Contents));
}

function textOfAnswer(answer: unknown): string {
  const body = typeof answer === 'string' ? answer : Object(answer).Body;
  if (typeof body !== 'string') throw new Error('The object has no Body.');
  return body;
}

function parse(text: string, config: ReaderConfig): readonly MapItem[] {
  switch (config.InputType) {
    case 'CSV':
      return parseCsv(text, config).map((value) => ({ value }));
    case 'JSONL':
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => ({ value: jsonOf(line) }));
    case 'JSON':
      return asItems(pointed(jsonOf(text), config.ItemsPointer));
    default:
      throw new Error(`The InputType ${config.InputType} is not supported here.`);
  }
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('Attempting to parse an item that is not valid JSON.', { cause });
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc6901 */
function pointed(value: Json, pointer: Json | undefined): Json {
  if (typeof pointer !== 'string' || pointer === '') return value;
  let found: unknown = value;
  for (const part of pointer.split('/').slice(1)) {
    found = Object(found)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  if (found !== undefined) return adopt(found);
  throw new Error(
    'The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.',
  );
}

function asItems(value: Json): readonly MapItem[] {
  if (Array.isArray(value)) return value.map((item: Json) => ({ value: item }));
  if (isObject(value)) return membersOf(value);
  throw new Error('Attempting to map over non-iterable node.');
}
