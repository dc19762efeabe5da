import { isObject, type JsonObject } from '../base/json.ts';
import type { ParamNode } from '../model/dag.ts';
import { callerPlace } from './at.ts';
import { report } from './collect.ts';
import { knownOptions } from './options.ts';
import { plain } from './plain.ts';

/** A param's declaration, typed by its values. */
export interface Param<T> {
  readonly schema: ParamNode;
  /** Phantom: carries `T` for inference. */
  readonly __value?: readonly [T];
}

interface Common<T> {
  /** Value of a run that gives none. @default none: every run must give one */
  readonly default?: T;
  readonly description?: string;
}

export interface StringParam<Enum extends readonly string[]> extends Common<NoInfer<Enum[number]>> {
  /** The values it may have; they are its type. @default any text */
  readonly enum?: Enum;
  /** A regular expression it must match. @default none */
  readonly pattern?: string;
  /** `2026-08-22`, or an ISO 8601 instant. @default none */
  readonly format?: 'date' | 'date-time';
}

export interface NumberParam<Enum extends readonly number[]> extends Common<NoInfer<Enum[number]>> {
  /** The values it may have; they are its type. @default any number */
  readonly enum?: Enum;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface ListParam<T> extends Common<readonly T[]> {
  /** What each item is. */
  readonly items: Param<T>;
}

/** Declarations of a DAG's params, by name. */
export type Params = Readonly<Record<string, Param<unknown>>>;

/** Values of declared params. */
export type ParamValues<P> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never };

/** Params of a DAG: values that a run may be given. A param without default must be given. */
export const param = {
  /** Text: `param.string({ default: 'eu', enum: ['eu', 'us'] })`. */
  string: <const Enum extends readonly string[] = readonly string[]>(
    options: StringParam<Enum> = {},
  ): Param<Enum[number]> => declared('string', options),
  /** Any number. */
  number: <const Enum extends readonly number[] = readonly number[]>(
    options: NumberParam<Enum> = {},
  ): Param<Enum[number]> => declared('number', options),
  /** A whole number. */
  integer: <const Enum extends readonly number[] = readonly number[]>(
    options: NumberParam<Enum> = {},
  ): Param<Enum[number]> => declared('integer', options),
  /** True or false. */
  boolean: (options: Common<boolean> = {}): Param<boolean> => declared('boolean', options),
  /** A list: `param.list({ items: param.string(), default: [] })`. */
  list: <T>({ items, ...options }: ListParam<T>): Param<readonly T[]> =>
    declared('array', { ...options, items: items.schema }),
  /** An object; its shape is the author's word: `param.object<{ city: string }>({ … })`. */
  object: <T extends object = JsonObject>(options: Common<T> = {}): Param<T> => declared('object', options),
};

/** Options of a param, by its JSON Schema type: what else it may say. */
const OPTIONS: Readonly<Record<ParamNode['type'], readonly string[]>> = {
  string: ['default', 'description', 'enum', 'pattern', 'format'],
  number: ['default', 'description', 'enum', 'minimum', 'maximum'],
  integer: ['default', 'description', 'enum', 'minimum', 'maximum'],
  boolean: ['default', 'description'],
  array: ['default', 'description', 'items'],
  object: ['default', 'description'],
};

function declared<T>(type: ParamNode['type'], options: object): Param<T> {
  const path = `param.${type === 'array' ? 'list' : type}`;
  knownOptions(options, OPTIONS[type], path, callerPlace(import.meta.url).at);
  const schema = plain(options, {
    refuse: (where, message, remedy) =>
      report({ code: 'param-option', path: `${path} › ${where}`, message, remedy }),
  });
  return Object.freeze({ schema: Object.freeze({ ...(isObject(schema) ? schema : {}), type }) });
}
