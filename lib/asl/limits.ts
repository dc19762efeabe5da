/**
 * What Step Functions and the services around it allow. Each number with its source.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */

/** Largest definition, in bytes of UTF-8 (1 MB). @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
export const MAX_DEFINITION_BYTES = 1_048_576;

/** Events of one execution's history; the next one fails it. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-state-machine-executions */
export const MAX_HISTORY_EVENTS = 25_000;

/** Largest input or output of a state, a task or an execution, in bytes of UTF-8 (256 KiB). @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-task-executions */
export const MAX_PAYLOAD_BYTES = 262_144;

/** Largest variable, in bytes of UTF-8. @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#workflow-variables-limits */
export const MAX_VARIABLE_BYTES = 262_144;

/** All variables of one `Assign` together, in bytes. @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#workflow-variables-limits */
export const MAX_ASSIGN_BYTES = 262_144;

/** All variables of an execution together, in bytes (10 MiB). @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#workflow-variables-limits */
export const MAX_ALL_VARIABLES_BYTES = 10_485_760;

/** Characters of a variable's name. @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
export const MAX_VARIABLE_NAME_LENGTH = 80;

/** Characters of a state's name. @see https://states-language.net/spec.html#states-fields */
export const MAX_STATE_NAME_LENGTH = 80;

/** Characters of a machine's or an execution's name. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
export const MAX_NAME_LENGTH = 80;

/** Characters of a Map's `Label`. @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
export const MAX_LABEL_LENGTH = 40;

/** Longest execution, task, wait or heartbeat, in seconds: `TimeoutSeconds` and `Seconds` end here. @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html */
export const MAX_SECONDS = 99_999_999;

/** Longest execution, in seconds (a year). @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-state-machine-executions */
export const MAX_EXECUTION_SECONDS = 31_536_000;

/** Largest `MaxAttempts` of a retrier. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export const MAX_RETRY_ATTEMPTS = 99_999_999;

/** Largest `IntervalSeconds` of a retrier. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export const MAX_RETRY_INTERVAL_SECONDS = 99_999_999;

/** Largest `MaxDelaySeconds` of a retrier (366 days). @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export const MAX_RETRY_DELAY_SECONDS = 31_622_400;

/** Iterations of an inline Map at a time. @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
export const MAX_INLINE_CONCURRENCY = 40;

/** Child executions of a distributed Map at a time. @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
export const MAX_DISTRIBUTED_CONCURRENCY = 10_000;

/** Items of one distributed Map. @see https://docs.aws.amazon.com/step-functions/latest/dg/itemreader-readerconfig.html */
export const MAX_MAP_ITEMS = 100_000_000;

/** Characters of a task token. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export const MAX_TASK_TOKEN_LENGTH = 2_048;

/** Characters of an error's name in a result. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html */
export const MAX_ERROR_LENGTH = 256;

/** Characters of an error's cause. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html */
export const MAX_CAUSE_LENGTH = 32_768;

/** Milliseconds one evaluation of JSONata may take here; Step Functions ends one too, at a time it does not publish. @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
export const MAX_EVALUATION_MS = 1_000;

/** Seconds an HTTP Task may take. @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html */
export const MAX_HTTP_TASK_SECONDS = 60;

/** Seconds one call of a Lambda function may take. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_LAMBDA_SECONDS = 900;

/** Largest reply of a Lambda function, in bytes (6 MB). @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_LAMBDA_REPLY_BYTES = 6_291_556;

/** Largest DynamoDB item, in bytes (400 KB). @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
export const MAX_ITEM_BYTES = 409_600;

/** Largest DynamoDB expression, in bytes. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const MAX_EXPRESSION_BYTES = 4_096;

/** Dollars of one state transition of a Standard workflow ($0.025 per 1,000). @see https://aws.amazon.com/step-functions/pricing/ */
export const DOLLARS_PER_TRANSITION = 0.000_025;

/** What no name of a machine or an execution may contain. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
// biome-ignore lint/suspicious/noControlCharactersInRegex: AWS forbids exactly these.
export const FORBIDDEN_IN_NAMES = /[\s?*<>{}[\]"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/u;
