/** Messages to webhooks: the same here and on AWS. */
import type { NotifierConfig } from '../model/environment.ts';

/** Longest a webhook may take to answer, milliseconds. */
const PATIENCE_MS = 10_000;

export type Webhook = Extract<NotifierConfig, { readonly kind: 'webhook' }>;

/**
 * Sends a message as JSON.
 *
 * @param token of its secret. Absent: it has none
 * @throws {Error} when it does not take the message
 */
export async function post(
  { url, headers = {} }: Webhook,
  message: object,
  token: string | undefined,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(message),
    // A token is for the one it was given for.
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`webhook: must answer 2xx, got ${response.status}`);
}
