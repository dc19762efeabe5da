/** What all stacks of an environment have. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultStackSynthesizer, type SynthesisSession } from './cdk.ts';
import type { Setting } from './environment.ts';

/** Beginning of the names of an environment's files in the bootstrap bucket. */
export function assetPrefix(environment: string): string {
  return `tutti/${environment}/`;
}

export function stackProps({ place, aws }: Setting) {
  return {
    env: { account: place.account, region: place.region },
    tags: { 'tutti:environment': place.environment, ...aws.tags },
    synthesizer: new Synthesizer({ bucketPrefix: assetPrefix(place.environment) }),
  };
}

/** CloudFormation takes a template of 1 MB. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MOST_BYTES = 900 * 1024;

/** Refuses a template that would not be taken. */
class Synthesizer extends DefaultStackSynthesizer {
  override synthesize(session: SynthesisSession): void {
    super.synthesize(session);
    const { stackName, templateFile } = this.boundStack;
    const { size } = statSync(join(session.assembly.outdir, templateFile));
    if (size <= MOST_BYTES) return;
    throw new Error(
      `stack ${stackName}: template must have at most ${MOST_BYTES / 1024} KB, got ${Math.ceil(size / 1024)} KB; raise stacks`,
    );
  }
}
