/** What runs left behind: rows of DuckDB, and files. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { BUCKET, bucketName } from '../../lib/deployment/names.ts';
import { ACCOUNT, REGION } from './credentials.ts';

export interface Data {
  /** Every row as JSON, by table, sorted. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>;
}

const TABLES = ['orders', 'refunds'];
/** Of `daily_sales`. */
const FOLDERS = ['raw/orders/', 'clean/', 'reports/'];
const Bucket = bucketName({ environment: 'dev', account: ACCOUNT, region: REGION, partition: 'aws' });

export async function localData(folder: string): Promise<Data> {
  const copy = join(mkdtempSync(join(tmpdir(), 'tutti-data-')), 'warehouse.duckdb');
  copyFileSync(join(folder, '.tutti', 'warehouse.duckdb'), copy);
  const root = join(folder, '.tutti', 'data');
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name));
  const files = all
    .filter((file) => statSync(file).isFile())
    .map((file) => [relative(root, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')] as const)
    .filter(([name]) => isOurs(name));
  return { tables: await tablesOf(copy), files: Object.fromEntries(files) };
}

export async function deployedData(s3: S3Client): Promise<Data> {
  const copy = join(mkdtempSync(join(tmpdir(), 'tutti-data-')), 'warehouse.duckdb');
  writeFileSync(copy, await objectOf(s3, `${BUCKET.databases}warehouse.duckdb`));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: BUCKET.files }));
  const names = Contents.map(({ Key = '' }) => Key.slice(BUCKET.files.length)).filter(isOurs);
  const files = names.map(
    async (name) =>
      [name, Buffer.from(await objectOf(s3, `${BUCKET.files}${name}`)).toString('utf8')] as const,
  );
  return { tables: await tablesOf(copy), files: Object.fromEntries(await Promise.all(files)) };
}

function isOurs(name: string): boolean {
  return FOLDERS.some((folder) => name.startsWith(folder));
}

async function objectOf(s3: S3Client, Key: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  if (Body === undefined) throw new Error(`s3://${Bucket}/${Key}: has no content`);
  return Body.transformToByteArray();
}

async function tablesOf(file: string): Promise<Data['tables']> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const tables: Record<string, readonly string[]> = {};
    for (const table of TABLES) {
      const reader = await connection.runAndReadAll(`select to_json(t)::varchar from ${table} t`);
      tables[table] = reader
        .getRows()
        .map(([row]) => String(row))
        .sort((a, b) => (a < b ? -1 : 1));
    }
    return tables;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
