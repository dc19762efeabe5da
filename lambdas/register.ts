/** The custom resource of a stack of DAGs. It always answers CloudFormation, whatever comes in between. */
import { coreFunction } from '../lib/aws/core-function.ts';
import { registerResource } from '../lib/aws/register-resource.ts';
import { surroundings } from './surroundings.ts';

export const handler = coreFunction(surroundings(import.meta.dirname), async (event, call) => {
  const answer = await registerResource(call, event);
  call.log(answer.status, { level: answer.status === 'SUCCESS' ? 'INFO' : 'ERROR', ...answer });
  return answer;
});
