/** Regions that AWS does not have. */
import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { RegionInfo } from '../cdk.ts';
import type { DeployedEnvironment } from '../environment.ts';

/** A region that the installed CDK knows nothing of is a slip of the pen, unless it is said to be new. */
export function regionProblems({ name, aws }: DeployedEnvironment): readonly Problem[] {
  const { region, newRegion = false } = aws;
  const known = RegionInfo.regions.map((one) => one.name);
  if (newRegion || known.includes(region)) return [];
  const near = nearest(region, known);
  const other = 'write newRegion: true beside it, where it is newer than the installed aws-cdk-lib';
  return [
    {
      code: 'unknown-region',
      path: `environment "${name}" › aws.region`,
      message: `must be a region of AWS, got "${region}"`,
      remedy: near === undefined ? other : `did you mean "${near}"? Else ${other}`,
    },
  ];
}
