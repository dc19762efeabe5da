/** For tests of your own pipelines: run a DAG with scripted tasks in virtual time, or for real in a folder. */
export { VirtualClock } from './base/virtual-clock.ts';
export { type Compiled, compile } from './compiler/compile.ts';
export type { ModuleRun, TaskInstance, TaskRun } from './history/task-run.ts';
export { type RunOptions, type RunOutcome, runDag } from './local/run.ts';
export type { Script, ScriptedTry } from './local/script.ts';
export { type SimulateOptions, type Simulation, simulate } from './local/simulate.ts';
export type { SimulatedModule, SimulatedTask } from './local/simulated.ts';
