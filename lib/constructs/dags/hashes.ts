/** What a run of a version is made of, hashed: each part by itself, and all together. */
import { shortHash } from '../../base/hash.ts';
import type { Manifest, VersionParts } from '../../model/manifest.ts';
import type { DagFiles } from '../code/function-files.ts';
import type { CompiledDag } from '../compiled-dag.ts';
import type { VersionedFunctions } from './function.ts';

export interface MadeOf {
  readonly compiled: CompiledDag;
  readonly files: DagFiles;
  readonly fns: Pick<VersionedFunctions, 'configurations'>;
  /** Of the roles of its machines and functions. */
  readonly rights: unknown;
}

/** The version's own hash is another one exactly where a part's is. */
export function hashesOf({
  compiled,
  files,
  fns,
  rights,
}: MadeOf): Required<Pick<Manifest, 'hash' | 'parts'>> {
  const { main, rerun, manifest } = compiled;
  const texts = [main, rerun].map(({ text, parts }) => [
    text,
    Object.entries(parts).map(([part, one]) => [part, one.text]),
  ]);
  const parts: VersionParts = {
    definition: hashOf([manifest.hash, texts]),
    ...files.parts,
    configuration: hashOf(fns.configurations),
    rights: hashOf(rights),
  };
  return { hash: hashOf(parts), parts };
}

/** Sixteen hexadecimal digits. */
function hashOf(value: unknown): string {
  const text = JSON.stringify(value);
  return `${shortHash(text)}${shortHash(`#${text}`)}`;
}
