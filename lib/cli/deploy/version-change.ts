/** Whether a deployment gives a DAG another version, and what of it is another. Pure. */
import type { DagHead, DagVersion } from '../../model/dag-version.ts';
import type { Manifest, VersionParts } from '../../model/manifest.ts';

export type VersionPart = keyof VersionParts;

export interface VersionChange {
  /** Of the version that runs have which start now. Absent: the DAG is new. */
  readonly before?: string;
  /** Absent: the DAG goes. */
  readonly after?: string;
  /**
   * Somebody went back to the version before. `ends`: by this deployment; `stays`: what is here is what was deployed last,
   * and the pin ends once something of the DAG's stack changes. Absent: nobody did.
   */
  readonly pin?: 'ends' | 'stays';
  /** What differs; none where one of the versions does not tell what it is made of. */
  readonly parts: readonly VersionPart[];
}

const PARTS: readonly VersionPart[] = [
  'definition',
  'code',
  'runtime',
  'connections',
  'configuration',
  'rights',
];

interface There {
  readonly head: DagHead;
  readonly version: DagVersion;
}

/** `undefined`: it stays, or nobody made what would be deployed. */
export function versionChange(
  there: There | undefined,
  here: { readonly manifest?: Manifest } | undefined,
): VersionChange | undefined {
  const before = there?.version.manifest;
  const after = here?.manifest;
  if (before?.hash === after?.hash || (here !== undefined && after === undefined)) return undefined;
  return {
    ...(before === undefined ? {} : { before: before.hash }),
    ...(after === undefined ? {} : { after: after.hash }),
    ...pinOf(there?.head.pinnedFrom, after?.hash),
    parts: differing(before?.parts, after?.parts),
  };
}

function pinOf(deployed: string | undefined, after: string | undefined): Pick<VersionChange, 'pin'> {
  return deployed === undefined ? {} : { pin: deployed === after ? 'stays' : 'ends' };
}

function differing(
  before: VersionParts | undefined,
  after: VersionParts | undefined,
): readonly VersionPart[] {
  if (before === undefined || after === undefined) return [];
  return PARTS.filter((part) => before[part] !== after[part]);
}

const WORDS: Readonly<Record<VersionPart, string>> = {
  definition: 'definition',
  code: 'code',
  runtime: 'runtime',
  connections: 'connections',
  configuration: 'function configuration',
  rights: 'rights',
};

/** `code and rights`; `version` where it is not known. */
export function partsText({ parts }: Pick<VersionChange, 'parts'>): string {
  const words = parts.map((part) => WORDS[part]);
  const last = words.at(-1) ?? 'version';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** `code: version 1f2e3d4c → 5b6a7988`: of a DAG that stays. */
export function versionText(change: VersionChange): string {
  const [before = '', after = ''] = [change.before, change.after].map((hash) => hash?.slice(0, 8));
  const pinned = change.pin === undefined ? '' : ' (pinned)';
  const later = change.pin === 'stays' ? ' once its stack changes' : '';
  const versions = `version ${before}${pinned} → ${after}${later}`;
  return change.parts.length === 0 ? versions : `${partsText(change)}: ${versions}`;
}
