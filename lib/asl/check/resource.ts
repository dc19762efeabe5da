/**
 * A Task's `Resource`: which service integrations exist with which pattern.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
import { isExpression } from '../jsonata.ts';
import { type Place, text } from './values.ts';

/** Optimised integrations that never wait for a job. */
const NO_SYNC = new Set('lambda sns sqs dynamodb events apigateway aws-sdk bedrock-agentcore'.split(' '));

/** Optimised integrations that never wait for a token; an SDK integration of the same service does. */
const NO_TOKEN = new Set(
  'athena batch codebuild elasticmapreduce emr-containers emr-serverless glue databrew mediaconvert sagemaker dynamodb bedrock-agentcore'.split(
    ' ',
  ),
);

const INTEGRATION =
  /^arn:[^:]+:states:[^:]*:[^:]*:([a-z0-9-]+):([A-Za-z0-9:]+)(\.sync(?::2)?|\.waitForTaskToken)?$/;

/** `$states.context`, whole or its `Task`. */
const TOKEN = /\$states\.context(?!\s*\.\s*(?:Execution|StateMachine|State|Map)\b)/;

export function checkResource(state: Place): void {
  text(state, 'Resource');
  const resource = state.object['Resource'];
  if (typeof resource !== 'string') return;
  const path = `${state.path}/Resource`;
  if (!/^arn:|\$\{/.test(resource)) {
    state.findings.refuse(path, 'Value is not a valid resource ARN');
    return;
  }
  const [, service = '', , pattern = ''] = INTEGRATION.exec(resource) ?? [];
  const unknown = pattern.startsWith('.sync')
    ? NO_SYNC.has(service)
    : pattern !== '' && NO_TOKEN.has(service);
  if (unknown)
    state.findings.refuse(
      path,
      `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
  if (pattern === '.waitForTaskToken' && state.jsonata && !mentionsToken(state.object['Arguments']))
    state.findings.warn(
      path,
      'Nobody is given the task token, so the task waits for its timeout',
      'NO_TASK_TOKEN',
    );
}

function mentionsToken(value: unknown): boolean {
  if (isExpression(value)) return TOKEN.test(value) || /\$states\s*(?![.\s\w])/.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(mentionsToken);
}
