import type { TaskState } from '../../asl/states.ts';
import type { Json } from '../../base/json.ts';
import { EvaluationError } from '../failure.ts';
import { textOf } from '../json-text.ts';
import { resilience, resilient } from '../retry.ts';
import { optionalTemplate, type Template, typedTemplate } from '../template.ts';
import { dataFlow, type Runner, type Step, type Visit } from '../visit.ts';
import { parseResource } from './resource-name.ts';
import { type Request, TaskTry } from './task-try.ts';

interface Fields {
  readonly arguments: Template | undefined;
  readonly credentials: Template | undefined;
  readonly timeout: Template | undefined;
  readonly heartbeat: Template | undefined;
}

/** A state that asks the world for work. @see https://states-language.net/spec.html#task-state */
export function task(state: TaskState): Runner {
  const resource = parseResource(state.Resource);
  const fields: Fields = {
    arguments: optionalTemplate(state.Arguments, 'Arguments'),
    credentials: optionalTemplate(state.Credentials, 'Credentials'),
    timeout: seconds(state.TimeoutSeconds, 'TimeoutSeconds'),
    heartbeat: seconds(state.HeartbeatSeconds, 'HeartbeatSeconds'),
  };
  const flow = dataFlow(state);
  const policy = resilience(state);
  const attempt = async (visit: Visit): Promise<Step> => {
    const taskTry = new TaskTry(visit, resource);
    try {
      const result = await taskTry.run(await request(visit, fields));
      return await visit.exit(flow, { next: state.Next, fallback: result, extra: { result } });
    } finally {
      taskTry.close();
    }
  };
  return (visit) => resilient(visit, policy, () => attempt(visit));
}

function seconds(value: number | string | undefined, field: string): Template | undefined {
  return value === undefined ? undefined : typedTemplate(value, field, 'number');
}

async function request(visit: Visit, fields: Fields): Promise<Request> {
  const scope = visit.scope();
  const sent = fields.arguments === undefined ? visit.input : await fields.arguments(scope);
  visit.checkSize(sent);
  return {
    arguments: sent,
    credentials: await fields.credentials?.(scope),
    timeoutSeconds: whole(await fields.timeout?.(scope), 'TimeoutSeconds'),
    heartbeatSeconds: whole(await fields.heartbeat?.(scope), 'HeartbeatSeconds'),
  };
}

function whole(value: Json | undefined, field: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new EvaluationError(field, {
    text: `The ${field} field must be a positive integer but was: ${textOf(value)}`,
  });
}
