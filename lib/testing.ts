/** For tests of your own pipelines: run a DAG, or a folder of them over a range of time, in virtual time; or for real in a folder. */
export { VirtualClock } from './base/virtual-clock.ts';
export { type Compiled, compile } from './compiler/compile.ts';
export type { ModuleRun, TaskInstance, TaskRun } from './history/task-run.ts';
export { type RunOptions, type RunOutcome, runDag } from './local/run.ts';
export type { Script, ScriptedTry } from './local/script.ts';
export { type SimulateOptions, type Simulation, simulate } from './local/simulate.ts';
export type { SimulatedModule, SimulatedTask } from './local/simulated.ts';
export type { ScheduleEvent } from './local/virtual/agenda.ts';
export type { FakeRequest, FakeServer } from './local/virtual/fake-context.ts';
export type {
  IntervalOfDag,
  Outage,
  ScheduleOptions,
  ScheduleSimulation,
  SimulatedRunOfDag,
  SimulatedTaskOfRun,
} from './local/virtual/schedule-simulation.ts';
export { type SimulatedRun, type SimulateRunOptions, simulateRun } from './local/virtual/simulate-run.ts';
export { simulateSchedule } from './local/virtual/simulate-schedule.ts';
