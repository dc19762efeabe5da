/** The variables that `cdk` gives an app, for `tutti.config.ts` to read here what it reads there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE } from '../../project/config-file.ts';
import { identityIn } from '../remote/caller.ts';
import { loadProfileRegion } from './operate.ts';

const ACCOUNT = 'CDK_DEFAULT_ACCOUNT';
const REGION = 'CDK_DEFAULT_REGION';

/**
 * Sets `CDK_DEFAULT_ACCOUNT` and `CDK_DEFAULT_REGION` as `cdk deploy` would with the same credentials, where the
 * configuration names them and nobody has set them: else the commands would look for an environment elsewhere than it was
 * deployed.
 */
export async function setCdkDefaults(root: string, variables: NodeJS.ProcessEnv): Promise<void> {
  const file = join(root, CONFIG_FILE);
  if (!existsSync(file)) return;
  const text = readFileSync(file, 'utf8');
  const isMissing = (name: string) => text.includes(name) && variables[name] === undefined;
  if (!isMissing(ACCOUNT) && !isMissing(REGION)) return;
  const region =
    variables['AWS_REGION'] ??
    variables['AWS_DEFAULT_REGION'] ??
    (await (await loadProfileRegion()).profileRegion());
  variables[REGION] ??= region;
  // The command asks next, and tells why nobody is signed in.
  const identity = await identityIn(region, variables).catch(() => undefined);
  if (identity?.account !== undefined) variables[ACCOUNT] ??= identity.account;
}
