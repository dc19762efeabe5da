/** What all stacks of an environment have. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DefinitionError } from '../base/errors.ts';
import { numberOfStacks } from '../deployment/stacks.ts';
import { DefaultStackSynthesizer, type SynthesisSession } from './cdk.ts';
import type { Setting } from './environment.ts';

/** Beginning of the names of an environment's files in the bootstrap bucket. */
export function assetPrefix(environment: string): string {
  return `tutti/${environment}/`;
}

/** `part`: `core`, or the stack's name among those of DAGs. */
export function stackProps({ place, aws }: Setting, part: string) {
  return {
    env: { account: place.account, region: place.region },
    tags: { 'tutti:environment': place.environment, ...aws.tags },
    synthesizer: new Synthesizer({ place, aws }, part),
  };
}

/** CloudFormation takes a template of 1 MB. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MOST_BYTES = 900 * 1024;

/**
 * Refuses a template that would not be taken. A stack binds an object that CDK makes of this one (`Object.create`): private
 * members would not be there.
 */
class Synthesizer extends DefaultStackSynthesizer {
  protected readonly place: string;
  protected readonly remedy: string;

  constructor({ place: { environment }, aws }: Pick<Setting, 'place' | 'aws'>, part: string) {
    super({ bucketPrefix: assetPrefix(environment) });
    this.place = `environment "${environment}" › stack ${part}`;
    this.remedy =
      typeof aws.stacks === 'function'
        ? 'let aws.stacks give more names'
        : `raise stacks from ${numberOfStacks(environment, aws)}`;
  }

  override synthesize(session: SynthesisSession): void {
    super.synthesize(session);
    const { size } = statSync(join(session.assembly.outdir, this.boundStack.templateFile));
    if (size <= MOST_BYTES) return;
    const [most, got] = [MOST_BYTES, size].map((bytes) => Math.ceil(bytes / 1024));
    throw new DefinitionError([
      {
        code: 'stack-size',
        path: this.place,
        message: `must have a template of at most ${most} KB, got ${got} KB`,
        remedy: this.remedy,
      },
    ]);
  }
}
