/** What an engine answered that Step Functions ran itself, as the output that its file declares. */
import { literal, member } from '../asl/jsonata.ts';
import type { SyncJob } from '../engines/sync.ts';

/** JSONata text of the fields that later states read, by name. */
export function syncOut(job: SyncJob, want: readonly string[]): string {
  const texts = want.map((name) => {
    const [field = '', ...path] = name.split('.');
    const text = job.fields[field];
    return `${literal(name)}: ${text === undefined ? wholeText(job) : path.reduce(member, text)}`;
  });
  return `{${texts.join(', ')}}`;
}

function wholeText({ fields }: SyncJob): string {
  return `{${Object.entries(fields)
    .map(([name, text]) => `${literal(name)}: ${text}`)
    .join(', ')}}`;
}
