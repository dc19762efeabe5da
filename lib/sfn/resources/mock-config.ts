/** Reads a MockConfigFile of Step Functions Local. @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html */
import { RefusedError } from '../../base/errors.ts';
import { isObject, type Json } from '../../base/json.ts';

/** What a try answers. */
export type Response =
  | { readonly kind: 'return'; readonly value: Json }
  | { readonly kind: 'throw'; readonly error: string; readonly cause: string };

/** Responses of one state, for tries from `first` to `last`, counted from 0. */
type Script = readonly { readonly first: number; readonly last: number; readonly response: Response }[];

/** State → script. */
type TestCase = ReadonlyMap<string, Script>;

/** State machine → test case. */
export type Mocks = ReadonlyMap<string, ReadonlyMap<string, TestCase>>;

/** A value of the file, and the way to it. */
interface Found {
  readonly value: Json | undefined;
  readonly place: string;
}

/**
 * Reads the file's text; `file` is its name, for messages.
 *
 * @throws {RefusedError} `invalid-mocks` with the place
 */
export function parseMocks(source: string, file: string): Mocks {
  const root = { value: parsed(source, file), place: file };
  const scripts = mapOf(member(root, 'MockedResponses'), scriptOf);
  return mapOf(member(root, 'StateMachines'), (machine) =>
    mapOf(member(machine, 'TestCases'), (testCase) =>
      mapOf(testCase, (name) => {
        const script = scripts.get(String(name.value));
        return script ?? refuse(name, `no MockedResponses are named ${JSON.stringify(name.value)}`);
      }),
    ),
  );
}

function parsed(source: string, file: string): Json {
  try {
    return JSON.parse(source) as Json;
  } catch (cause) {
    return refuse({ value: source, place: file }, `must be JSON: ${String(cause)}`);
  }
}

function scriptOf(tries: Found): Script {
  return [...mapOf(tries, responseOf)].map(([at, response]) => {
    const [match, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(at) ?? [];
    if (match !== undefined && Number(last) >= Number(first))
      return { first: Number(first), last: Number(last), response };
    const place = `${tries.place} › ${at}`;
    return refuse({ value: at, place }, 'must be the number of a try from 0, or a range such as "1-3"');
  });
}

function responseOf(response: Found): Response {
  const { value: returned } = member(response, 'Return');
  const thrown = member(response, 'Throw');
  if ((returned === undefined) === (thrown.value === undefined))
    return refuse(response, 'must have either Return or Throw');
  if (returned !== undefined) return { kind: 'return', value: returned };
  const { value: error } = member(thrown, 'Error');
  const { value: cause = '' } = member(thrown, 'Cause');
  if (typeof error === 'string' && typeof cause === 'string') return { kind: 'throw', error, cause };
  return refuse(thrown, 'must have a text Error, and may have a text Cause');
}

/** A member of an object, which may be absent. */
function member(of: Found, name: string): Found {
  return { value: objectAt(of)[name], place: `${of.place} › ${name}` };
}

/** An object's members, each read; none where it is absent. */
function mapOf<T>(of: Found, read: (found: Found) => T): ReadonlyMap<string, T> {
  return new Map(
    Object.entries(of.value === undefined ? {} : objectAt(of)).map(([name, value]) => [
      name,
      read({ value, place: `${of.place} › ${name}` }),
    ]),
  );
}

function objectAt(found: Found) {
  return isObject(found.value)
    ? found.value
    : refuse(found, `must be an object, got ${JSON.stringify(found.value)}`);
}

function refuse({ place }: Found, rule: string): never {
  throw new RefusedError('invalid-mocks', `${place}: ${rule}`);
}
