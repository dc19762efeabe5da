/** Secrets of Secrets Manager, by name or ARN. */
import { isObject } from '../../base/json.ts';
import { TaskError } from '../../base/task-error.ts';
import { isNamed } from '../../runtime/named-error.ts';
import { type AwsAccess, endpointOf, jsonOf, signedCall } from '../signed/call.ts';
import type { Redaction } from './redaction.ts';

/** How long a value is used without asking again, milliseconds: a secret that is changed is so by then. */
const FRESH_MS = 5 * 60_000;

export interface SecretsOptions {
  readonly access: AwsAccess;
  /** Is told every value that is read. */
  readonly redaction: Redaction;
  readonly nowMs: () => number;
}

interface Kept {
  readonly value: string;
  readonly readMs: number;
}

/** Those that this function read; it may live for hours. */
export class Secrets {
  readonly #options: SecretsOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /** @throws {TaskError} `Dag.UnknownSecret` */
  async read(name: string, signal: AbortSignal): Promise<string> {
    const { nowMs, redaction } = this.#options;
    const kept = this.#kept.get(name);
    if (kept !== undefined && nowMs() - kept.readMs < FRESH_MS) return kept.value;
    const readMs = nowMs();
    const value = await this.#ask(name, signal);
    redaction.add(value);
    this.#kept.set(name, { value, readMs });
    return value;
  }

  /** The next one to read asks again: somebody refused what is kept. */
  forget(): void {
    this.#kept.clear();
  }

  async #ask(name: string, signal: AbortSignal): Promise<string> {
    const { access } = this.#options;
    const answer = await signedCall(access, {
      service: 'secretsmanager',
      method: 'POST',
      url: new URL(endpointOf(access, 'secretsmanager')),
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body: JSON.stringify({ SecretId: name }),
      signal,
    });
    const said = asked(name, () => jsonOf('secretsmanager', answer));
    const { SecretString: text, SecretBinary: bytes } = isObject(said) ? said : {};
    if (typeof text === 'string') return text;
    return typeof bytes === 'string' ? Buffer.from(bytes, 'base64').toString('utf8') : '';
  }
}

function asked<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isNamed(error, 'SecretsManager.ResourceNotFoundException')) throw unknownSecret(name, error);
    throw isNamed(error, 'SecretsManager.AccessDeniedException') ? refusedSecret(name, error) : error;
  }
}

/** Of that error's name still: whoever retries by it goes on to. */
function refusedSecret(name: string, cause: unknown): TaskError {
  const text = `secret "${name}": may not be read; deploy the DAG again, with it in secrets of its options`;
  return new TaskError('SecretsManager.AccessDeniedException', text, { cause });
}

function unknownSecret(name: string, cause: unknown): TaskError {
  const rule = 'must be in Secrets Manager of this account and region, got none';
  const remedy = `aws secretsmanager create-secret --name ${name}`;
  return new TaskError('Dag.UnknownSecret', `secret "${name}": ${rule}; ${remedy}`, { cause });
}
