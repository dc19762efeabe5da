/**
 * The project that is deployed: a copy of the five sample pipelines and of the suite's own DAGs. Two things are changed in the
 * samples: where their author waits for minutes a second is waited, since the emulator's time is real; and `daily_sales`
 * starts 11 days ago, so that the schedule owes one run beside the ten dates that are backfilled.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ACCOUNT, REGION } from './credentials.ts';

/** Of this repository. */
export const REPOSITORY = resolve(import.meta.dirname, '../..');

const SAMPLES = join(REPOSITORY, 'pipelines');
const OWN = join(import.meta.dirname, 'pipelines');
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export interface Project {
  readonly folder: string;
  /** The ten dates of the backfill, oldest first. */
  readonly dates: readonly string[];
  /** The date that is left to the schedule. */
  readonly scheduled: string;
  /** Adds DAGs of the suite: names of files in `pipelines/` beside this one. */
  readonly add: (names: readonly string[]) => void;
  readonly remove: (name: string) => void;
  /** Changes the text of a pipeline. */
  readonly edit: (name: string, from: string, to: string) => void;
}

/** Writes the project with the five samples. `outside`: URL of the shop and the gate. */
export function writeProject(folder: string, outside: string): Project {
  const days = Array.from({ length: 11 }, (_, index) => salesDay(index - 11));
  const [start = ''] = days;
  const pipelines = join(folder, 'pipelines');
  mkdirSync(pipelines, { recursive: true });
  cpSync(join(SAMPLES, 'support'), join(pipelines, 'support'), { recursive: true });
  for (const name of readdirSync(SAMPLES).filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(join(SAMPLES, name), 'utf8');
    writeFileSync(
      join(pipelines, name),
      hurried(ofPackage(text)).replace("start: '2026-01-01'", `start: '${start}'`),
    );
  }
  copyOwn('support/gated.ts', pipelines);
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'e2e', private: true, type: 'module' }));
  writeFileSync(join(folder, 'tutti.config.ts'), configText(outside));
  return {
    folder,
    dates: days.slice(0, 10),
    scheduled: days.at(-1) ?? '',
    add(names) {
      for (const name of names) copyOwn(name, pipelines);
    },
    remove: (name) => rmSync(join(pipelines, name)),
    edit(name, from, to) {
      const file = join(pipelines, name);
      writeFileSync(file, replaced(readFileSync(file, 'utf8'), from, to));
    },
  };
}

/** As a project elsewhere imports it. */
function ofPackage(text: string): string {
  return text.replaceAll(/'(?:\.\.\/)+lib\/index\.ts'/g, "'tutti'");
}

/** Minutes that authors wait between tries become seconds. */
function hurried(text: string): string {
  return text.replaceAll(/delay: '\d+m'/g, "delay: '1s'").replaceAll(/delay: '30s'/g, "delay: '1s'");
}

function copyOwn(name: string, pipelines: string): void {
  const text = ofPackage(readFileSync(join(OWN, name), 'utf8')).replace('@YESTERDAY', day(-1));
  writeFileSync(join(pipelines, name), text);
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`nothing to replace: "${from}"`);
  return text.replace(from, to);
}

/** `-1`: yesterday, in UTC. */
function day(offset: number): string {
  return new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
}

/** The last interval of `daily_sales` that is over began on the day `-1`: days there change at two in Berlin. */
function salesDay(offset: number): string {
  const today = new Date(Date.now() - 2 * HOUR_MS).toLocaleDateString('sv', { timeZone: 'Europe/Berlin' });
  return new Date(Date.parse(today) + offset * DAY_MS).toISOString().slice(0, 10);
}

function configText(outside: string): string {
  const http = { kind: 'http', baseUrl: outside };
  const connections = { warehouse: { kind: 'sql' }, shop: http, gate: http };
  const lake = { kind: 'sql' };
  const aws = {
    account: ACCOUNT,
    region: REGION,
    stacks: 1,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
  };
  const environments = {
    local: { connections: { ...connections, lake } },
    dev: {
      connections: { ...connections, lake: { ...lake, engine: 'athena' } },
      aws,
    },
  };
  return `export const config = ${JSON.stringify({ pipelines: ['pipelines/*.ts'], environments }, null, 2)};\n`;
}
