import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { figure, inFolder, medianOf, note } from './measure.ts';

const TUTTI = join(import.meta.dirname, '../../dist/tutti.js');
const TASKS = 20;
/** After the load, before the memory is looked at: the bundler has gone then, and a first sweep has passed. */
const SETTLE_MS = 70_000;
const IDLE_MS = 20_000;
/** A clock tick of the kernel. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html `sysconf(_SC_CLK_TCK)` */
const TICK_MS = 10;

/** `tutti dev` as a process of its own, over 250 and 1,000 DAGs of 20 no-op tasks, each scheduled daily. */
export async function devBench(): Promise<void> {
  if (!existsSync(TUTTI)) return note('no dist/tutti.js: run `npm run build` first');
  await inFolder(async (folder) => {
    writeDags(folder, 250);
    // The first start registers them.
    await stopped(await started(folder, 'loaded'));
    await figure('dev.ready_s', 's', async () =>
      medianOf([await readySec(folder), await readySec(folder), await readySec(folder)]),
    );
    if (!existsSync('/proc/self/smaps_rollup'))
      return note('dev.rss_mb has no value: there is no /proc here');
    await figure('dev.rss_mb', 'MB', () => idleMb(folder, 250));
  });
  await inFolder(async (folder) => {
    writeDags(folder, 1000);
    await idleMb(folder, 1000);
  });
}

/** From the start of the process to the first answer. */
async function readySec(folder: string): Promise<number> {
  const begin = performance.now();
  const { child, url } = await started(folder, 'listening');
  const listening = performance.now();
  const { status } = await fetch(url);
  const answered = performance.now();
  if (status !== 200) throw new Error(`GET /: ${status}`);
  note(`answered after ${((answered - begin) / 1000).toFixed(2)} s, while it loads`);
  await stopped({ child });
  return (listening - begin) / 1000;
}

/** Resident memory once it has nothing to do; notes proportional memory, idle CPU and the time of a reload. */
async function idleMb(folder: string, dags: number): Promise<number> {
  const dev = await started(folder, 'loaded');
  const pid = dev.child.pid ?? 0;
  const loadedMs = dev.tookMs;
  await setTimeout(SETTLE_MS);
  const [rss, pss] = [memoryMb(pid, 'Rss'), memoryMb(pid, 'Pss')];
  const cpu = cpuMs(pid);
  await setTimeout(IDLE_MS);
  const idle = ((cpuMs(pid) - cpu) / IDLE_MS) * 100;
  const reloads: number[] = [];
  for (let index = 0; index < 5; index++) reloads.push(await reloadMs(folder, dev, index));
  note(
    `${dags} DAGs: loaded in ${(loadedMs / 1000).toFixed(1)} s, RSS ${rss.toFixed(0)} MB, PSS ${pss.toFixed(0)} MB, idle CPU ${idle.toFixed(2)} %, save to registered ${medianOf(reloads).toFixed(0)} ms`,
  );
  await stopped(dev);
  return rss;
}

interface Dev {
  readonly child: ChildProcess;
  readonly url: string;
  readonly tookMs: number;
  /** Resolves with the next line of this event. */
  readonly next: (event: string) => Promise<Readonly<Record<string, unknown>>>;
}

/** Starts one; resolves with the first line of that event. */
async function started(folder: string, until: 'listening' | 'loaded'): Promise<Dev> {
  const child = spawn(process.execPath, [TUTTI, 'dev', '--port', '0', '--json', '--no-sample'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const waiting: {
    event: string;
    resolve: (line: Readonly<Record<string, unknown>>) => void;
    reject: (error: Error) => void;
  }[] = [];
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines.map((each) => JSON.parse(each))) {
      const at = waiting.findIndex(({ event }) => event === line.event);
      if (at >= 0) waiting.splice(at, 1)[0]?.resolve(line);
    }
  });
  child.once('exit', (code) => {
    for (const { reject } of waiting) reject(new Error(`tutti dev ended with ${code}`));
  });
  const next: Dev['next'] = (event) =>
    new Promise((resolve, reject) => waiting.push({ event, resolve, reject }));
  const listening = next('listening');
  const loaded = next('loaded');
  loaded.catch(() => undefined);
  const { url } = await listening;
  const tookMs = until === 'loaded' ? Number((await loaded)['tookMs']) : 0;
  return { child, url: String(url), tookMs, next };
}

/** Saves a file with one task more; until its version is registered, and said to be. */
async function reloadMs(folder: string, { next }: Pick<Dev, 'next'>, index: number): Promise<number> {
  const loaded = next('loaded');
  const begin = performance.now();
  writeFileSync(fileOf(folder, 7), sourceOf(7, TASKS + 1 + index));
  await loaded;
  return performance.now() - begin;
}

async function stopped({ child }: Pick<Dev, 'child'>): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** The process and those it has started. */
function memoryMb(pid: number, field: 'Rss' | 'Pss'): number {
  const kilobytes = family(pid).map((id) => {
    const text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  });
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

function cpuMs(pid: number): number {
  const fields = family(pid).map((id) => statOf(id).split(' '));
  return fields.reduce((sum, stat) => sum + (Number(stat[11]) + Number(stat[12])) * TICK_MS, 0);
}

function family(pid: number): readonly number[] {
  const ids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = ids.filter((id) => Number(statOf(id).split(' ')[1]) === pid);
  return [pid, ...children.flatMap(family)];
}

/** Fields of `/proc/<pid>/stat` from the third on; the name before may hold blanks. */
function statOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}

function writeDags(folder: string, count: number): void {
  rmSync(join(folder, 'pipelines'), { recursive: true, force: true });
  mkdirSync(join(folder, 'pipelines'));
  for (let index = 0; index < count; index++) writeFileSync(fileOf(folder, index), sourceOf(index, TASKS));
}

function fileOf(folder: string, index: number): string {
  return join(folder, 'pipelines', `d${index}.ts`);
}

/** A chain of tasks that do nothing. */
function sourceOf(index: number, tasks: number): string {
  const lines = Array.from({ length: tasks }, (_, at) => {
    const after = at === 0 ? '' : `, { after: t${at - 1} }`;
    return `  const t${at} = task('t${at}', fn(async () => {})${after});`;
  });
  return [
    "import { cron, dag, fn } from 'tutti';",
    `export const d${index} = dag('d${index}', { schedule: cron('0 2 * * *') }, ({ task }) => {`,
    ...lines,
    '});',
    '',
  ].join('\n');
}
