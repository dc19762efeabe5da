/** Files that CloudFormation finds in the bootstrap bucket. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FileAssetPackaging, type Stack, Stage } from '../cdk.ts';
import { type Packed, zip } from './zip.ts';

export interface AssetPlace {
  readonly bucket: string;
  readonly key: string;
}

/** Puts a text, named by its content. */
export function putText(stack: Stack, text: string, name: string): AssetPlace {
  const hash = createHash('sha256').update(text).digest('hex');
  return put(stack, { hash, extension: '.json', name, content: () => text });
}

/** Files of a function: the archive, and the hash by which it is told from others. */
export interface FunctionFiles {
  readonly hash: string;
  readonly files: ReadonlyMap<string, Packed>;
}

/** Puts a function's files as an archive, which the CLI uploads as it is. */
export function putFiles(stack: Stack, { hash, files }: FunctionFiles, name: string): AssetPlace {
  return put(stack, { hash, extension: '.zip', name, content: () => zip(files) });
}

interface Asset {
  readonly hash: string;
  readonly extension: string;
  /** For people that watch a deployment. */
  readonly name: string;
  readonly content: () => string | Buffer;
}

/** Context of an app that is only looked at: its assets have names and no files. */
export const NO_CONTENT = 'tutti:no-content';

function put(stack: Stack, { hash, extension, name, content }: Asset): AssetPlace {
  const stage = Stage.of(stack);
  if (stage === undefined) throw new Error('unreachable: a stack outside of every stage');
  const file = join(stage.assetOutdir, `asset.${hash}${extension}`);
  if (!existsSync(file) && stage.node.tryGetContext(NO_CONTENT) !== true) {
    mkdirSync(stage.assetOutdir, { recursive: true });
    writeFileSync(file, content());
  }
  const { bucketName, objectKey } = stack.synthesizer.addFileAsset({
    sourceHash: hash,
    fileName: relative(stage.outdir, file),
    packaging: FileAssetPackaging.FILE,
    displayName: name,
  });
  return { bucket: bucketName, key: objectKey };
}
