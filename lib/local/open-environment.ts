import { RefusedError } from '../base/errors.ts';
import type {
  ConnectionConfig,
  ConnectionSetting,
  Environment,
  EnvironmentConfig,
  HttpConnectionSetting,
} from '../model/environment.ts';

/**
 * An environment for a run that starts now: asks for what its configuration left to functions.
 *
 * @throws {RefusedError} `wrong-connection` where such a function fails
 */
export async function openEnvironment(name: string, config: EnvironmentConfig = {}): Promise<Environment> {
  const settings = Object.entries(config.connections ?? {});
  const connections = await Promise.all(
    settings.map(async ([key, setting]) => [
      key,
      await connectionOf(setting, `${name}" › connections.${key}`),
    ]),
  );
  return { name, connections: Object.fromEntries(connections) };
}

async function connectionOf(setting: ConnectionSetting, where: string): Promise<ConnectionConfig> {
  return setting.kind === 'http' ? { ...setting, baseUrl: await urlOf(setting, where) } : setting;
}

async function urlOf({ baseUrl }: HttpConnectionSetting, where: string): Promise<string> {
  if (typeof baseUrl !== 'function') return baseUrl;
  try {
    return await baseUrl();
  } catch (error) {
    throw noUrl(where, error);
  }
}

function noUrl(where: string, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text = `environment "${where}.baseUrl: must give a URL, got an error: ${why}; correct it in tutti.config.ts`;
  return new RefusedError('wrong-connection', text, { cause });
}
