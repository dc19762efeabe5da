import { RefusedError } from '../../base/errors.ts';
import { serveTask } from '../../local/isolate/worker.ts';
import type { Context } from '../program.ts';
import { openProject } from '../project.ts';

/** The child process of one isolated try: loads the project as its parent did. It ends with its parent or its answer. */
export function serveOneTask(context: Context): Promise<never> {
  serveTask(async (dagId) => {
    const { dags } = await openProject(context);
    const found = dags.find(({ dag }) => dag.id === dagId);
    if (found === undefined)
      throw new RefusedError('unknown-dag', `dag "${dagId}": is in no pipeline file any more`);
    return found.dag;
  });
  return new Promise(() => {});
}
