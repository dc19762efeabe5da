import { serveTask } from '../../../lib/local/isolate/worker.ts';
import { hostile } from './hostile-dag.ts';

serveTask(async () => hostile);
