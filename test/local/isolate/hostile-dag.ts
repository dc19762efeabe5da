import type { FnContext } from '../../../lib/model/context.ts';
import { FailTask, SkipTask } from '../../../lib/model/task-errors.ts';
import { bodiesDag } from './bodies-dag.ts';

/** Functions that do what user code should not: the same DAG is built by the test and by the child. */
export const hostile = bodiesDag({
  good: async ({ files, log, state, run }: FnContext) => {
    log.info('works', { try: run.try, at: run.mapIndex });
    process.stdout.write('printed\n');
    await state.set('seen', run.runId);
    return { path: await files.write('good.json', { by: run.dagId }) };
  },
  endless: () => {
    for (;;);
  },
  crash: () => process.abort(),
  exit: () => process.exit(0),
  late: () => {
    setImmediate(() => {
      throw new Error('thrown by nobody');
    });
    return new Promise(() => undefined);
  },
  fails: () => Promise.reject(new FailTask('broken')),
  skips: () => Promise.reject(new SkipTask('nothing to do')),
  cycle: () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    return value;
  },
});
