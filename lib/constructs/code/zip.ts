/** Zip archives whose bytes follow from their content alone: no dates, no order of a folder. */
import { crc32, deflateRawSync } from 'node:zlib';

/** A file as it stands in an archive; packed once, it may stand in many. */
export interface Packed {
  readonly data: Buffer;
  readonly size: number;
  readonly crc: number;
}

/** Deflated; what is large and hardly gets smaller, as native code, by the fastest way. */
export function packed(content: Buffer): Packed {
  const level = content.length > 4_000_000 ? 1 : 9;
  return { data: deflateRawSync(content, { level }), size: content.length, crc: crc32(content) };
}

const DEFLATED = 8;
/** 1 January 1980, the first day there is. */
const DATE = 0x00_21;
/** Read and executed by everyone: Lambda runs as another user than who packed it. */
const MODE = 0o10_0755 << 16;
/** Version 2.0, by Unix. */
const MADE_BY = 0x03_14;
const UTF8 = 0x08_00;

/**
 * An archive of these files, in the order given.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zip(files: ReadonlyMap<string, Packed>): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [path, file] of files) {
    const name = Buffer.from(path);
    const local = Buffer.concat([headerOf(0x04_03_4b_50, commonOf(name, file)), name]);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02_01_4b_50, 0);
    entry.writeUInt16LE(MADE_BY, 4);
    commonOf(name, file).copy(entry, 6);
    entry.writeUInt32LE(MODE >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, file.data);
    entries.push(entry, name);
    offset += local.length + file.data.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06_05_4b_50, 0);
  end.writeUInt16LE(files.size, 8);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

function headerOf(signature: number, common: Buffer): Buffer {
  const start = Buffer.alloc(4);
  start.writeUInt32LE(signature, 0);
  return Buffer.concat([start, common]);
}

/** The 26 bytes that a file's own header and the directory's share. */
function commonOf(name: Buffer, { data, size, crc }: Packed): Buffer {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(UTF8, 2);
  common.writeUInt16LE(DEFLATED, 4);
  common.writeUInt16LE(DATE, 8);
  common.writeUInt32LE(crc, 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(size, 18);
  common.writeUInt16LE(name.length, 22);
  return common;
}
