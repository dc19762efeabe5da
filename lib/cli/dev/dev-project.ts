/** The project of a `tutti dev`: its code as it is now, made known to the ledger. */
import { DefinitionError, type Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import { DEFAULT_RETENTION, type RetentionConfig, type TuttiConfig } from '../../model/environment.ts';
import type { World } from '../../orchestrator/ports.ts';
import { type Registered, registerDags } from '../../orchestrator/register.ts';
import { CONFIG_FILE, NO_CONFIG } from '../../project/config-file.ts';
import { loadConfig, patternsOf } from '../../project/load.ts';
import { Code } from '../ledger/code.ts';
import { hiddenVersions } from '../ledger/hidden-versions.ts';
import { LivePipelines, type Reload } from './live-pipelines.ts';

/** What reading the project anew gave. */
export interface ProjectReload extends Reload {
  readonly registered: Registered;
  /** From the look for changes to the last version registered. */
  readonly tookMs: number;
}

export class DevProject {
  readonly code = new Code();
  readonly #root: string;
  readonly #pausedByDefault: boolean;
  /** By id, as they were last registered from here. */
  #versions: ReadonlyMap<string, DagVersion> = new Map();
  #config: TuttiConfig = NO_CONFIG;
  #isConfigKnown = false;
  #pipelines: LivePipelines | undefined;

  /** Absolute folder; whether DAGs that are new start paused. */
  constructor(root: string, pausedByDefault: boolean) {
    this.#root = root;
    this.#pausedByDefault = pausedByDefault;
  }

  get config(): TuttiConfig {
    return this.#config;
  }

  /** Which runs are kept; `undefined` while no sound configuration was read: what it would keep is not known. */
  get retention(): RetentionConfig | undefined {
    if (!this.#isConfigKnown) return undefined;
    return this.#config.environments['local']?.retention ?? DEFAULT_RETENTION;
  }

  /** DAGs whose code is here. */
  dags(): readonly DagNode[] {
    return [...this.#versions.values()].map(({ dag }) => this.code.of(dag.id, this.#hash(dag.id)) ?? dag);
  }

  /** Where a change may change a DAG. */
  folders(): ReadonlySet<string> {
    return new Set([this.#root, ...(this.#pipelines?.folders() ?? [])]);
  }

  /** Reads what changed, and makes it known; `undefined` where nothing did. One call at a time. */
  async reload(world: World): Promise<ProjectReload | undefined> {
    const startMs = world.clock.now();
    const first = this.#pipelines === undefined;
    const ofConfig = first ? await this.#readConfig() : [];
    this.#pipelines ??= new LivePipelines(this.#root, patternsOf(this.#config));
    const reload = await this.#pipelines.reload();
    if (reload === undefined) return undefined;
    const again = !first && reload.changed.includes(CONFIG_FILE) ? await this.#readConfig() : ofConfig;
    const { registered, problems } = await this.#register(world, this.#pipelines);
    return {
      ...reload,
      problems: [...again, ...reload.problems, ...problems],
      registered,
      tookMs: world.clock.now() - startMs,
    };
  }

  #hash(dagId: string): string {
    return this.#versions.get(dagId)?.manifest.hash ?? '';
  }

  async #readConfig(): Promise<readonly Problem[]> {
    const { config, problems } = await loadConfig(this.#root);
    // A broken one changes nothing.
    if (problems.length > 0) return problems;
    this.#config = config;
    this.#isConfigKnown = true;
    return problems;
  }

  async #register(
    world: World,
    pipelines: LivePipelines,
  ): Promise<{ readonly registered: Registered; readonly problems: readonly Problem[] }> {
    const problems: Problem[] = [];
    const kept: DagVersion[] = [];
    const versions = await this.code.versions(pipelines.dags(), (dag, error) => {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push(...error.problems);
      const before = this.#versions.get(dag.id);
      if (before !== undefined) kept.push(before);
    });
    this.#versions = new Map([...versions, ...kept].map((version) => [version.dag.id, version]));
    const broken = pipelines.broken();
    const hidden = await hiddenVersions(
      world.store,
      [...this.#versions.values()],
      (file) => file === undefined || broken.has(file),
    );
    const registered = await registerDags(
      world,
      [...this.#versions.values(), ...(broken.size === 0 && problems.length === 0 ? [] : hidden)],
      { pausedByDefault: this.#pausedByDefault },
    );
    return { registered, problems };
  }
}
