import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { typeErrors } from './typescript.ts';

const README = readFileSync('README.md', 'utf8');
/** Ignored by git and by the project's own `tsc`. */
const FOLDER = '.tutti/readme';
/** What follows `npm` and is no script: its own commands, and prose. */
const NO_SCRIPTS = ['ci', 'init', 'install', 'pack', 'and'];

describe('the README', () => {
  test('has TypeScript blocks that compile as files of pipelines/', async () => {
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    const sources = blocksOf('ts');
    expect(sources.length).toBeGreaterThanOrEqual(2);
    for (const [index, source] of sources.entries()) {
      await writeFile(join(FOLDER, `block-${index + 1}.ts`), source.replaceAll(`from '../`, `from '../../`));
    }
    expect(await typeErrors(FOLDER)).toBe('');
  }, 60_000);

  test('names only files that exist', () => {
    const named = [...README.matchAll(/`((?:lib|bin|test|pipelines)\/[^`\s<>*]*|tutti\.config\.ts)`/g)];
    const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(path));
    expect(missing).toEqual([]);
  });

  test('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const named = [...README.matchAll(/npm (?:run )?([\w:]+)(?=[`\s])/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !NO_SCRIPTS.includes(name) && scripts[name] === undefined)).toEqual([]);
  });

  test('begins with the two commands, each complete on a fresh machine', () => {
    expect(blocksOf('sh').slice(0, 2)).toEqual(['npm ci && npm start\n', 'npm ci && npm test\n']);
  });

  test('gives every dependency its reason, and names none that is gone', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const section = README.slice(README.indexOf('## Dependencies'), README.indexOf('## Limits'));
    const named = [...section.matchAll(/`([@\w/.-]+)`(?=[^|]*\|[^|]+\|)/g)].map(([, name = '']) => name);
    expect(new Set(named)).toEqual(new Set(Object.keys({ ...dependencies, ...devDependencies })));
  });
});

function blocksOf(language: string): readonly string[] {
  return [...README.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , source = '']) => source);
}
