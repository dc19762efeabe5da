import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteStore } from '../../lib/local/sqlite/store.ts';
import { storeContract } from './contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'tutti-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));
let opened = 0;

storeContract('SQLite', () => openSqliteStore(join(folder, `${++opened}.db`)));
