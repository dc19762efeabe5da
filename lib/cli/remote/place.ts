/** Where the API of an environment is: what the project says of it, and what its deployment says. */

import type { SignedFetch } from '../../aws/signed-fetch.ts';
import { DefinitionError, type Problem, RefusedError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';
import { nearest } from '../../base/suggest.ts';
import { domainOf } from '../../deployment/names.ts';
import type { AwsConfig, TuttiConfig } from '../../model/environment.ts';
import { loadConfig } from '../../project/load.ts';
import { isError } from '../project.ts';
import { assertAccount, assertRegion } from './caller.ts';
import { refusalOf } from './refusal.ts';

/** An environment that commands are for. */
export interface RemotePlace {
  readonly environment: string;
  readonly region: string;
  /** Absent: its configuration is not here, but the address of its API was given. */
  readonly aws?: AwsConfig;
}

export interface Urls {
  readonly readUrl: string;
  readonly writeUrl: string;
}

/** What of this process's environment matters. */
export interface Variables {
  readonly [name: string]: string | undefined;
}

/**
 * The environment of a name.
 *
 * @throws {RefusedError} `unknown-environment`, `not-deployed`
 * @throws {DefinitionError} where the configuration has mistakes
 */
export async function placeOf(
  root: string,
  environment: string,
  { apiUrl, variables }: { readonly apiUrl: string | undefined; readonly variables: Variables },
): Promise<RemotePlace> {
  const { config, problems } = await loadConfig(root);
  const errors = problems.filter(isError);
  if (errors.length > 0) throw new DefinitionError(errors.map(placed));
  const aws = config.environments[environment]?.aws;
  if (aws !== undefined) return { environment, region: aws.region, aws };
  const region = regionOf(apiUrl) ?? variables['AWS_REGION'] ?? variables['AWS_DEFAULT_REGION'];
  if (apiUrl !== undefined && region !== undefined) return { environment, region };
  throw unknownEnvironment(config, environment);
}

/** What does not compile has no other place than its line. */
function placed(problem: Problem): Problem {
  const { at, code, path } = problem;
  return code !== 'unloadable-file' || at === undefined
    ? problem
    : { ...problem, path: `${path}:${at.line}:${at.column}` };
}

function regionOf(url: string | undefined): string | undefined {
  return /\.(?:lambda-url|execute-api)\.([a-z0-9-]+)\./.exec(url ?? '')?.[1];
}

function unknownEnvironment({ environments }: TuttiConfig, name: string): RefusedError {
  if (environments[name] !== undefined)
    return new RefusedError(
      'not-deployed',
      `tutti › --env: must be an environment on AWS, got "${name}", which has no aws in tutti.config.ts; write aws: { account: '…', region: '…' } and deploy it`,
    );
  const there = Object.keys(environments).filter((each) => environments[each]?.aws !== undefined);
  const near = nearest(name, there);
  const known = there.length === 0 ? 'tutti.config.ts has none with aws' : `there are ${there.join(', ')}`;
  return new RefusedError(
    'unknown-environment',
    `tutti › --env: must be local or an environment of tutti.config.ts, got "${name.slice(0, 60)}"; ${near === undefined ? known : `did you mean "${near}"?`}`,
  );
}

/** Which signature the address asks for. @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
export function serviceOf(url: string): string {
  return /\.execute-api\./.test(new URL(url).host) ? 'execute-api' : 'lambda';
}

/**
 * Addresses of an environment's API: what was given, else what its deployment wrote into the parameter `/tutti/<env>/api`.
 *
 * @throws {RefusedError} `not-deployed`, `wrong-account`, `wrong-region`, `invalid-endpoint`, and those of {@link SignedFetch} and {@link refusalOf}
 */
export async function urlsOf(
  place: RemotePlace,
  send: SignedFetch,
  { apiUrl, variables }: { readonly apiUrl: string | undefined; readonly variables: Variables },
): Promise<Urls> {
  const { environment, region, aws } = place;
  if (apiUrl !== undefined) {
    const url = urlIn(apiUrl);
    // Who may call it is AWS's to say: it lets no other account in.
    if (aws !== undefined) assertRegion(environment, aws, regionOf(url) ?? aws.region);
    return { readUrl: url, writeUrl: url };
  }
  const name = `/tutti/${environment}/api`;
  const endpoint = variables['AWS_ENDPOINT_URL_SSM'] ?? variables['AWS_ENDPOINT_URL'];
  const response = await send({
    service: 'ssm',
    method: 'POST',
    url: endpoint ?? `https://ssm.${region}.${domainOf(region)}/`,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' },
    body: JSON.stringify({ Name: name }),
  });
  const text = await response.text();
  if (!response.ok && /ParameterNotFound/.test(text)) throw notDeployed(place, name);
  if (!response.ok)
    throw refusalOf(response, text, { environment, reads: true, what: `ssm:GetParameter of ${name}` });
  assertPlace(place, text);
  return urlsIn(text) ?? fail(notDeployed(place, name));
}

/** Credentials of another account may find an environment of the same name there: it is not the one that is meant. */
function assertPlace({ environment, aws }: RemotePlace, reply: string): void {
  const [, region, account] = /"arn:[^:"]*:ssm:([^:"]*):(\d{12}):parameter/.exec(reply) ?? [];
  if (aws === undefined || region === undefined || account === undefined) return;
  assertAccount(environment, aws, account);
  assertRegion(environment, aws, region);
}

function urlsIn(text: string): Urls | undefined {
  const reply = jsonOf(text);
  const parameter = isObject(reply) ? reply['Parameter'] : undefined;
  const value = jsonOf(isObject(parameter) ? String(parameter['Value']) : '');
  if (!isObject(value)) return undefined;
  const { readUrl, writeUrl } = value;
  if (typeof readUrl !== 'string' || typeof writeUrl !== 'string') return undefined;
  return { readUrl: urlIn(readUrl), writeUrl: urlIn(writeUrl) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without what is behind the host: paths begin there. */
function urlIn(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol))
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  throw new RefusedError(
    'invalid-endpoint',
    `tutti › --api-url: must be an address such as https://….lambda-url.eu-central-1.on.aws, got "${text.slice(0, 200)}"`,
  );
}

function notDeployed({ environment, region, aws }: RemotePlace, name: string): RefusedError {
  const where = aws === undefined ? region : `account ${aws.account}, ${region}`;
  return new RefusedError(
    'not-deployed',
    `tutti › --env: must be deployed, got "${environment}", of which ${where} has no parameter ${name}; deploy it with cdk deploy '${environment}/*', or look whose credentials these are: aws sts get-caller-identity`,
  );
}

function fail(error: Error): never {
  throw error;
}
