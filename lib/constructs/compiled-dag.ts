/** A DAG's machines as they are deployed. */
import type { StateMachine } from '../asl/states.ts';
import { manifestOfBoth } from '../compiler/both-machines.ts';
import { type Compiled, compileSound } from '../compiler/compile.ts';
import type { DagNode } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';

export interface CompiledDag {
  readonly manifest: Manifest;
  readonly main: CompiledMachine;
  readonly rerun: CompiledMachine;
}

export interface CompiledMachine {
  readonly definition: StateMachine;
  /** Bytes of the laptop's machine, bound to a partition where it is deployed. */
  readonly text: string;
  /** By key of `run.machines`; empty where the DAG is not divided. */
  readonly parts: Readonly<Record<string, Pick<CompiledMachine, 'definition' | 'text'>>>;
}

/** Every environment deploys the same machines. */
const compiled = new WeakMap<DagNode, CompiledDag>();

/** The machines of a DAG that keeps the rules. */
export function compiledDag(dag: DagNode): CompiledDag {
  const known = compiled.get(dag);
  if (known !== undefined) return known;
  const main = compileSound(dag);
  const rerun = compileSound(dag, { rerun: true });
  const made: CompiledDag = {
    manifest: manifestOfBoth(main.manifest, rerun.manifest),
    main: machineOf(main),
    rerun: machineOf(rerun),
  };
  compiled.set(dag, made);
  return made;
}

function machineOf({ definition, parts = {} }: Compiled): CompiledMachine {
  const texts = Object.entries(parts).map(([part, one]) => [
    part,
    { definition: one, text: JSON.stringify(one) },
  ]);
  return { definition, text: JSON.stringify(definition), parts: Object.fromEntries(texts) };
}

/** All definitions, reruns and parts included. */
export function definitionsOf({ main, rerun }: CompiledDag): readonly StateMachine[] {
  return [main, rerun].flatMap(({ definition, parts }) => [
    definition,
    ...Object.values(parts).map((part) => part.definition),
  ]);
}
