/** What never changes, found by its hash; and what this server is. */
import * as z from 'zod';
import type { Manifest } from '../../model/manifest.ts';
import { indexOf } from '../cursor.ts';
import { documentOf } from '../document.ts';
import { MAX_REPLY_BYTES, pageOf } from '../fit.ts';
import { get, type Route } from '../route.ts';
import { MAX_LIMIT, number, text } from '../schemas/inputs.ts';
import { cursor, jsonObject, list } from '../schemas/words.ts';
import { MAX_BODY_BYTES } from '../validate.ts';

const PARTS = ['task', 'module', 'group', 'state'] as const;

const getStructure = get('/meta/{dagId}/{version}/structure.json', {
  id: 'getStructure',
  summary:
    "The version's manifest: tasks, edges, rules, layout, groups, modules, states; in parts where it is large.",
  query: () => ({
    limit: number({ min: 1, max: 100_000 })
      .default(100_000)
      .meta({ description: 'Most entries of all lists together.' }),
    cursor: text(2_000, 'Of the reply before.'),
  }),
  reply: () =>
    z.strictObject({
      dagId: z.string(),
      hash: z.string(),
      runState: z.enum(['leaves', 'any-failed']),
      tasks: list(jsonObject()),
      modules: list(jsonObject()),
      groups: list(jsonObject()),
      states: jsonObject().meta({ description: 'Every state of the definition by name.' }),
      cursor: cursor(),
    }),
  async answer({ api, params: { dagId, version }, query }) {
    const { manifest } = await api.versions.get(dagId, version);
    const from = indexOf('structure', query.cursor);
    const parts = pageOf('structure', partsOf(manifest), { from, limit: query.limit });
    const of = (part: (typeof PARTS)[number]) =>
      parts.items.filter(([kind]) => kind === part).map(([, , value]) => ({ ...value }));
    const states = parts.items.filter(([kind]) => kind === 'state');
    return {
      dagId,
      hash: manifest.hash,
      runState: manifest.runState,
      tasks: of('task'),
      modules: of('module'),
      groups: of('group'),
      states: Object.fromEntries(states.map(([, name, value]) => [name, { ...value }])),
      cursor: parts.cursor,
    };
  },
});

function partsOf({ tasks, modules = [], groups, states }: Manifest) {
  return [
    ...tasks.map((task) => ['task', task.id, task] as const),
    ...modules.map((module) => ['module', module.id, module] as const),
    ...groups.map((group) => ['group', group.id, group] as const),
    ...Object.entries(states).map(([name, state]) => ['state', name, state] as const),
  ];
}

const getParamsSchema = get('/meta/{dagId}/{version}/params.schema.json', {
  id: 'getParamsSchema',
  summary: 'JSON Schema of the params of its runs.',
  reply: jsonObject,
  immutable: true,
  answer: async ({ api, params: { dagId, version } }) => ({
    ...(await api.versions.get(dagId, version)).manifest.params,
  }),
});

const getHealth = get('/health', {
  id: 'getHealth',
  summary: 'Whether it answers, and its store does.',
  reply: () => z.strictObject({ status: z.literal('ok') }),
  async answer({ api }) {
    await api.world.store.runs.changes();
    return { status: 'ok' as const };
  },
});

const getCapabilities = get('/capabilities', {
  id: 'getCapabilities',
  summary: 'What this server can do.',
  reply: () =>
    z.strictObject({
      api: z.literal('v1'),
      environment: z.string(),
      writes: z.boolean(),
      live: z.enum(['events', 'poll']).meta({ description: 'Whether changes are pushed, or asked for.' }),
      logs: z.boolean(),
      approvals: z.boolean(),
      limits: z.strictObject({ page: z.int(), bodyBytes: z.int(), replyBytes: z.int() }),
    }),
  answer: async ({ api: { world, options } }) => ({
    api: 'v1' as const,
    environment: options.environment ?? 'local',
    writes: options.readOnly !== true,
    live: options.streams === false ? ('poll' as const) : ('events' as const),
    logs: world.logs !== undefined,
    approvals: world.approvals !== undefined,
    limits: { page: MAX_LIMIT, bodyBytes: MAX_BODY_BYTES, replyBytes: MAX_REPLY_BYTES },
  }),
});

/** Its document tells all routes, this one too; made when it is first asked for. */
export function documentRoute(others: readonly Route[], base: string): Route {
  let made: ReturnType<typeof documentOf> | undefined;
  const route: Route = get('/openapi.json', {
    id: 'getDocument',
    summary: 'This document.',
    reply: jsonObject,
    answer: async () => {
      made ??= documentOf([...others, route], base);
      return { ...made };
    },
  });
  return route;
}

export const META_ROUTES: readonly Route[] = [getHealth, getCapabilities, getStructure, getParamsSchema];
