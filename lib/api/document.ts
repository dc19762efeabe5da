/** The OpenAPI 3.1 document: written from the routes that answer. @see https://spec.openapis.org/oas/v3.1.1 */
import * as z from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import type { Route } from './route.ts';

const problem = () =>
  z
    .strictObject({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      instance: z.string(),
      code: z.string(),
      errors: z
        .array(z.strictObject({ field: z.string(), rule: z.string(), value: z.string().optional() }))
        .readonly()
        .optional(),
    })
    .meta({
      id: 'Problem',
      description: 'RFC 9457; `errors` names each field, the rule it broke, and its value.',
    });

const COMPONENTS = '#/components/schemas/';

/** @param base where all paths begin */
export function documentOf(routes: readonly Route[], base: string): JsonObject {
  const components: Record<string, Json> = {};
  const schemaOf = (schema: z.ZodType): JsonObject => {
    const { $defs = {}, $schema: _, ...rest } = converted(schema);
    Object.assign(components, $defs);
    return rest;
  };
  schemaOf(z.array(problem()));
  const errors = {
    '4XX': {
      description: 'Refused: nothing was written.',
      content: { 'application/problem+json': { schema: { $ref: `${COMPONENTS}Problem` } } },
    },
  };
  const paths = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tutti',
      version: '1',
      description: 'Runs of DAGs: what they are, why they wait, and how to run them again.',
    },
    servers: [{ url: base }],
    paths: Object.fromEntries(
      [...paths].map(([path, of]) => [
        path,
        Object.fromEntries(
          of.map((route) => [route.method.toLowerCase(), operationOf(route, schemaOf, errors)]),
        ),
      ]),
    ),
    components: { schemas: components },
  };
}

function operationOf(
  route: Route,
  schemaOf: (schema: z.ZodType) => JsonObject,
  errors: JsonObject,
): JsonObject {
  const { id, summary, body, reply, status } = route;
  return {
    operationId: id,
    summary,
    parameters: [
      ...parametersOf(schemaOf(route.params()), 'path'),
      ...parametersOf(schemaOf(route.query()), 'query'),
      ...(body === undefined ? [] : WRITE_HEADERS),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: schemaOf(body()) } } } }),
    responses: {
      [String(status)]: {
        description: 'Done.',
        content: { 'application/json': { schema: schemaOf(reply()) } },
      },
      ...(body === undefined
        ? { '304': { description: 'As the client has it: `If-None-Match`, or nothing changed.' } }
        : {}),
      ...errors,
    },
  };
}

const WRITE_HEADERS: readonly Json[] = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'The same key and request get the same answer for a day.',
    schema: { type: 'string', maxLength: 200 },
  },
  {
    name: 'X-Tutti-Actor',
    in: 'header',
    description: 'Who asks, for the audit.',
    schema: { type: 'string', maxLength: 100 },
  },
];

function parametersOf({ properties = {}, required }: JsonObject, where: 'path' | 'query'): readonly Json[] {
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties as JsonObject).map(([name, schema]) => {
    const { description, ...rest } = schema as JsonObject;
    const isRequired = where === 'path' || (needed.includes(name) && rest['default'] === undefined);
    return {
      name,
      in: where,
      required: isRequired,
      ...(description === undefined ? {} : { description }),
      ...(rest['type'] === 'array' ? { style: 'form', explode: false } : {}),
      schema: rest,
    };
  });
}

/** Nothing is read-only or write-only here; a list that code may not change is a list. */
function converted(schema: z.ZodType): JsonObject & { readonly $defs?: JsonObject } {
  const text = JSON.stringify(
    z.toJSONSchema(schema, {
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        delete jsonSchema.readOnly;
        delete jsonSchema['id'];
      },
    }),
  );
  return JSON.parse(text.replaceAll('"#/$defs/', `"${COMPONENTS}`)) as JsonObject & {
    readonly $defs?: JsonObject;
  };
}
