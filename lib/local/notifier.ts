/** Who is told here of what happens to runs: what `notifiers` of the environment says. */
import type { EnvironmentConfig } from '../model/environment.ts';
import type { Notifier } from '../orchestrator/ports.ts';
import { post, type Webhook } from '../runtime/webhook.ts';
import type { Platform } from './platform.ts';

export interface NotifierOptions {
  /** As the configuration is now. */
  readonly notifiers: () => EnvironmentConfig['notifiers'];
  /** Shows what is for the console, and what nobody is named for: no message goes nowhere. */
  readonly console: Notifier;
  readonly secret: Platform['secret'];
}

/** Hands each message to the notifiers it names; to none, to the one named `default`. */
export function environmentNotifier({ notifiers, console, secret }: NotifierOptions): Notifier {
  return {
    async notify(message) {
      const configured = notifiers() ?? {};
      const names = message.to.length === 0 ? ['default'] : message.to;
      const found = names.map((name) => (Object.hasOwn(configured, name) ? configured[name] : undefined));
      const hooks = found.filter((one) => one?.kind === 'webhook');
      // What may fail comes first: tried again, nothing is shown twice.
      for (const hook of hooks) await post(hook, message, tokenOf(hook, secret));
      if (hooks.length < found.length) await console.notify(message);
    },
  };
}

/** @throws {Error} where the environment variable that it names is not set */
function tokenOf({ secret: name }: Webhook, secret: Platform['secret']): string | undefined {
  const token = name === undefined ? undefined : secret(name);
  if (name !== undefined && token === undefined)
    throw new Error(`webhook › secret: the environment variable ${name} must be set`);
  return token;
}
