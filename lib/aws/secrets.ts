import type { AwsClient } from './signed/command.ts';
import { GetSecretValueCommand } from './signed/commands.ts';

/** How long a value is used without asking again, milliseconds: a secret that is changed is so by then. */
const FRESH_MS = 5 * 60_000;

/** Reads secrets by name or ARN, each once in five minutes. */
export function secretReader(client: AwsClient, nowMs: () => number): (name: string) => Promise<string> {
  const kept = new Map<string, { readonly value: string; readonly readMs: number }>();
  return async (name) => {
    const known = kept.get(name);
    if (known !== undefined && nowMs() - known.readMs < FRESH_MS) return known.value;
    const readMs = nowMs();
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    if (SecretString === undefined)
      throw new Error(`secret "${name}": must be a text, got bytes; store a text`);
    kept.set(name, { value: SecretString, readMs });
    return SecretString;
  };
}
