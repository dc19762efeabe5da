/** The pipelines of a project while it is worked on: of every DAG the newest version that had no mistake. */
import { stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { type Bundle, bundle } from '../../project/bundle.ts';
import { type Collected, collectDags, type LoadedDag } from '../../project/collect-dags.ts';
import { CONFIG_FILE } from '../../project/config-file.ts';
import { findFiles, noFiles } from '../../project/load.ts';
import { isError } from '../project.ts';

/** What looking for changes found. Files are relative to the project's folder. */
export interface Reload {
  /** Files that are new, other than they were, or gone. */
  readonly changed: readonly string[];
  /** Every problem there is now in what was read again. */
  readonly problems: readonly Problem[];
  /** Files with errors: their DAGs stay as they last were without. */
  readonly broken: readonly string[];
  /** Files that had errors before, and have none now. */
  readonly mended: readonly string[];
  /** DAGs that were read anew, and are sound. */
  readonly read: readonly string[];
  /** DAGs that stay as they were because of errors. */
  readonly kept: readonly string[];
}

interface ReadFiles extends Collected {
  /** Files that compiled. */
  readonly made: readonly string[];
}

interface Good {
  readonly dag: DagNode;
  readonly file: string;
}

/** Reads pipeline files again where they, or what they import, changed. One call at a time. */
export class LivePipelines {
  readonly #root: string;
  readonly #patterns: readonly string[];
  readonly #good = new Map<string, Good>();
  /** What every file imports itself, as far as it is known. */
  readonly #imports = new Map<string, readonly string[]>();
  #stamps: ReadonlyMap<string, string> = new Map();
  #broken: ReadonlySet<string> = new Set();
  #files: readonly string[] = [];
  #isRead = false;

  /** Absolute folder of the project; globs of its pipeline files. */
  constructor(root: string, patterns: readonly string[]) {
    this.#root = root;
    this.#patterns = patterns;
  }

  /** By file, then as declared. */
  dags(): readonly DagNode[] {
    return [...this.#good.values()].map(({ dag }) => dag);
  }

  /** Pipeline files with errors, absolute. */
  broken(): ReadonlySet<string> {
    return this.#broken;
  }

  /** Folders in which a change may change a DAG. */
  folders(): ReadonlySet<string> {
    const bases = this.#patterns.map((pattern) =>
      join(
        this.#root,
        pattern
          .split('/')
          .slice(0, -1)
          .join('/')
          .split(/[*?[{(!]/, 1)[0] ?? '',
      ),
    );
    return new Set([...bases, ...[...this.#files, ...this.#imports.keys()].map((file) => dirname(file))]);
  }

  /** Reads what changed since the last call, at the first one everything; `undefined` where nothing did. */
  async reload(): Promise<Reload | undefined> {
    const files = await findFiles(this.#root, this.#patterns);
    const changed = await this.#changed(files);
    if (changed.size === 0 && this.#isRead) return undefined;
    this.#isRead = true;
    this.#files = files;
    const affected = files.filter((file) => this.#broken.has(file) || this.#reaches(file, changed));
    const result = await this.#read(affected);
    await this.#stampImports();
    const before = this.#broken;
    const kept = this.#merge(affected, result);
    this.#forget([...changed].filter((file) => !files.includes(file)));
    return {
      changed: [...changed].map((file) => this.#name(file)),
      problems: files.length === 0 ? [noFiles(this.#patterns)] : result.problems,
      broken: [...this.#broken].map((file) => this.#name(file)),
      mended: [...before]
        .filter((file) => files.includes(file) && !this.#broken.has(file))
        .map((file) => this.#name(file)),
      read: result.dags.filter(isSound).map(({ dag }) => dag.id),
      kept,
    };
  }

  async #changed(files: readonly string[]): Promise<ReadonlySet<string>> {
    const known = new Set([...files, ...this.#imports.keys(), join(this.#root, CONFIG_FILE)]);
    const stamps = new Map(
      await Promise.all([...known].map(async (file) => [file, await stampOf(file)] as const)),
    );
    const before = this.#stamps;
    this.#stamps = stamps;
    if (!this.#isRead) return new Set(files);
    const all = new Set([...before.keys(), ...stamps.keys()]);
    return new Set([...all].filter((file) => (before.get(file) ?? '') !== (stamps.get(file) ?? '')));
  }

  /** What was found to be imported is known from now on. */
  async #stampImports(): Promise<void> {
    const fresh = [...this.#imports.keys()].filter((file) => !this.#stamps.has(file));
    const stamps = await Promise.all(fresh.map(async (file) => [file, await stampOf(file)] as const));
    this.#stamps = new Map([...this.#stamps, ...stamps]);
  }

  /** True where a file, or anything it imports, is among these. */
  #reaches(file: string, among: ReadonlySet<string>, seen = new Set<string>()): boolean {
    if (among.has(file)) return true;
    seen.add(file);
    return (this.#imports.get(file) ?? []).some(
      (next) => !seen.has(next) && this.#reaches(next, among, seen),
    );
  }

  async #read(files: readonly string[]): Promise<ReadFiles> {
    if (files.length === 0) return { dags: [], problems: [], made: [] };
    const read = new Set(files);
    const others = [...this.#good.values()].filter(({ file }) => !read.has(file)).map(({ dag }) => dag);
    const made: Bundle = await bundle(files, this.#root);
    for (const [file, imports] of made.imports) this.#imports.set(file, imports);
    const { dags, problems } = await collectDags(made, this.#root, others);
    return { dags, problems: [...made.problems, ...problems], made: made.files };
  }

  /** Takes what is sound. Gives the DAGs that stay as they were. */
  #merge(affected: readonly string[], read: ReadFiles): readonly string[] {
    const wrong = affected.filter((file) => this.#isBroken(file, read));
    const others = [...this.#broken].filter((file) => !affected.includes(file) && this.#files.includes(file));
    this.#broken = new Set([...others, ...wrong]);
    const kept = affected.flatMap((file) => this.#drop(file, read.dags));
    for (const { dag, file, problems } of read.dags)
      if (!problems.some(isError)) this.#good.set(dag.id, { dag, file });
    return kept;
  }

  /** DAGs of a file that are not sound in it any more: gone where the file is sound; else they stay, and are given. */
  #drop(file: string, dags: readonly LoadedDag[]): readonly string[] {
    const sound = new Set(
      dags.filter((loaded) => loaded.file === file && isSound(loaded)).map(({ dag }) => dag.id),
    );
    const others = [...this.#good].flatMap(([id, good]) =>
      good.file === file && !sound.has(id) ? [id] : [],
    );
    if (this.#broken.has(file)) return others;
    for (const id of others) this.#good.delete(id);
    return [];
  }

  #isBroken(file: string, { dags, problems, made }: ReadFiles): boolean {
    const found = dags.filter((loaded) => loaded.file === file);
    return !made.includes(file) || problems.some((each) => isError(each) && this.#isOf(each, file, found));
  }

  #isOf(problem: Problem, file: string, found: readonly LoadedDag[]): boolean {
    if (problem.at?.file === file || problem.path === this.#name(file)) return true;
    return found.some(({ problems }) => problems.includes(problem));
  }

  #forget(files: readonly string[]): void {
    for (const [id, { file }] of this.#good) if (files.includes(file)) this.#good.delete(id);
  }

  #name(file: string): string {
    return relative(this.#root, file);
  }
}

function isSound({ problems }: LoadedDag): boolean {
  return !problems.some(isError);
}

/** Other when the file is; `''` where there is none. */
async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return '';
  }
}
