/** What the API tells of runs, without what differs between two places that did the same: times, ids, versions. */
import { isObject, type Json, type JsonObject } from './json.ts';
import type { Side } from './sides.ts';

/** `rev`: how often a place writes is its own matter. */
const OWN = new Set(['version', 'execution', 'rev', 'note', 'supersededAt']);

/** Everything about the runs of a DAG: each with its tasks and their tries, by logical date and type. */
export async function historyOf(side: Side, dagId: string): Promise<readonly Json[]> {
  const runs = await runsOf(side, dagId);
  const all = runs.map(async ({ id }) => {
    const path = `/dags/${dagId}/runs/${encodeURIComponent(String(id))}`;
    const [run, tasks] = await Promise.all([side.ask(path), side.ask(`${path}/tasks?limit=500`)]);
    const names = itemsOf(tasks.body).map(({ task }) => String(task));
    const tries = await Promise.all(names.map((name) => side.ask(`${path}/tasks/${name}`)));
    return comparable({ run: run.body['run'] ?? run.body, tasks: tries.map(({ body }) => body) });
  });
  const told = await Promise.all(all);
  return told.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

export async function runsOf(side: Side, dagId: string): Promise<readonly JsonObject[]> {
  const { body } = await side.ask(`/dags/${dagId}/runs?limit=500`);
  return itemsOf(body);
}

export function itemsOf({ items }: JsonObject): readonly JsonObject[] {
  return Array.isArray(items) ? items.filter(isObject) : [];
}

/** True where no run of the DAG goes on. */
export async function isQuiet(side: Side, dagId: string): Promise<boolean> {
  return (await runsOf(side, dagId)).every(({ state }) => state !== 'queued' && state !== 'running');
}

function comparable(value: Json): Json {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'string') return value.replace(/~[\w-]+$/, '~<id>').replace(ULID, '<ulid>');
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !name.endsWith('At') && !OWN.has(name));
  return Object.fromEntries(
    kept.map(([name, member]) => [name, name === 'by' ? whoIn(member) : comparable(member ?? null)]),
  );
}

const ULID = /[0-9A-HJKMNP-TV-Z]{26}/g;

/** Who asks by the API is a name of IAM there, and nobody in particular here. */
function whoIn(by: Json | undefined): string {
  const who = String(by);
  return who === 'api' || who.startsWith('user/') ? 'a person' : who.replace(ULID, '<ulid>');
}
