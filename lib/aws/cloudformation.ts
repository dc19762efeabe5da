/** Answers to CloudFormation: a custom resource that does not answer hangs its stack for an hour. */

/** What it sends. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html */
export interface ResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string | undefined;
}

export interface ResourceAnswer {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalId: string;
  /** Why it failed, for people. */
  readonly reason?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** A whole answer has at most 4,096 bytes. */
const MOST_REASON = 2_000;
const TRIES = 5;
const PATIENCE_MS = 5_000;
const PAUSE_MS = 500;

/** @param pause waits so many milliseconds */
export async function answerResource(
  request: ResourceRequest,
  answer: ResourceAnswer,
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = request;
  const body = JSON.stringify({
    Status: answer.status,
    Reason: (answer.reason ?? answer.status).slice(0, MOST_REASON),
    PhysicalResourceId: answer.physicalId,
    StackId,
    RequestId,
    LogicalResourceId,
    ...(answer.data === undefined ? {} : { Data: answer.data }),
  });
  for (let tries = 1; ; tries += 1) {
    const failure = await put(ResponseURL, body);
    if (failure === undefined) return;
    if (tries === TRIES) throw new Error(`CloudFormation: must take the answer, got ${failure}`);
    await pause(PAUSE_MS * tries);
  }
}

/** Why it was not taken; the URL is signed and stays out of messages. */
async function put(url: string, body: string): Promise<string | undefined> {
  try {
    // The URL is signed for no content type.
    const headers = { 'content-type': '' };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { method: 'PUT', headers, body, signal });
    await response.body?.cancel();
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'no answer';
  }
}
