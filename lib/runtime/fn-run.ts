import type { FnRun } from '../model/context.ts';
import type { RunInput } from '../model/run-input.ts';

export interface TryOf {
  readonly try: number;
  readonly mapIndex?: number | undefined;
  readonly input: RunInput;
}

/** What a function is told of its run and try. */
export function fnRun({ input: { run, params }, try: tryNumber, mapIndex }: TryOf): FnRun {
  return {
    dagId: run.dagId,
    runId: run.id,
    logicalDate: run.logicalDate,
    interval: run.interval,
    try: tryNumber,
    ...(mapIndex === undefined ? {} : { mapIndex }),
    params,
  };
}
