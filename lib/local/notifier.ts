/** Who is told here of what happens to runs: what `notifiers` of the environment says. */
import type { EnvironmentConfig, NotifierConfig } from '../model/environment.ts';
import type { Message, Notifier } from '../orchestrator/ports.ts';
import type { Platform } from './platform.ts';

export interface NotifierOptions {
  /** As the configuration is now. */
  readonly notifiers: () => EnvironmentConfig['notifiers'];
  /** Shows what is for the console, and what nobody is named for: no message goes nowhere. */
  readonly console: Notifier;
  readonly secret: Platform['secret'];
}

/** Longest a webhook may take to answer, milliseconds. */
const PATIENCE_MS = 10_000;

/** Hands each message to the notifiers it names; to none, to the one named `default`. */
export function environmentNotifier({ notifiers, console, secret }: NotifierOptions): Notifier {
  return {
    async notify(message) {
      const configured = notifiers() ?? {};
      const names = message.to.length === 0 ? ['default'] : message.to;
      const found = names.map((name) => (Object.hasOwn(configured, name) ? configured[name] : undefined));
      const hooks = found.filter((one) => one?.kind === 'webhook');
      // What may fail comes first: tried again, nothing is shown twice.
      for (const hook of hooks) await post(hook, message, secret);
      if (hooks.length < found.length) await console.notify(message);
    },
  };
}

type Webhook = Extract<NotifierConfig, { readonly kind: 'webhook' }>;

/** @throws {Error} when it does not take the message */
async function post(
  { url, headers = {}, secret: name }: Webhook,
  message: Message,
  secret: Platform['secret'],
): Promise<void> {
  const token = name === undefined ? undefined : secret(name);
  if (name !== undefined && token === undefined)
    throw new Error(`webhook › secret: the environment variable ${name} must be set`);
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
