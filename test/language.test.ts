/** The page of the language: each of its blocks is a file of pipelines/, and its picture is what that file draws. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkDefinition } from '../lib/asl/check.ts';
import { renderSvg } from '../lib/cli/render-svg.ts';
import { compile } from '../lib/compiler/compile.ts';
import type { DagNode } from '../lib/model/dag.ts';
import { simulate } from '../lib/testing.ts';
import { typeErrors } from './typescript.ts';

const PAGE = readFileSync('docs/language.md', 'utf8');
/** Ignored by git and by the project's own `tsc`. */
const FOLDER = '.tutti/language';

interface Section {
  readonly title: string;
  readonly text: string;
}

const SECTIONS: readonly Section[] = PAGE.split(/^## /m)
  .slice(1)
  .map((text) => ({ title: text.slice(0, text.indexOf('\n')), text }));

beforeAll(async () => {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  for (const section of SECTIONS) await writeFile(fileOf(section), sourceOf(section));
});

describe.each(SECTIONS)('$title', (section) => {
  test('declares a DAG that compiles, and shows its picture', async () => {
    const dag = await dagOf(section);
    const { definition, manifest } = compile(dag);
    expect(checkDefinition(definition)).toEqual([]);
    expect(section.text).toContain(`](pictures/${dag.id}.svg)`);
    await expect(`${renderSvg(manifest)}\n`).toMatchFileSnapshot(`../docs/pictures/${dag.id}.svg`);
  });

  test('says what it is, and what the machine is', () => {
    expect(section.text).toMatch(/^_In the machine:_ /m);
    expect(section.text.match(/^!\[/gm)).toHaveLength(1);
  });

  test('runs to a good end', async () => {
    const compiled = compile(await dagOf(section));
    const output = { ...FIELDS, choice: 'approve' };
    const tasks = compiled.manifest.tasks.map(({ id }) => [id, [{ output }]] as const);
    const run = await simulate(compiled, Object.fromEntries(tasks));
    expect(run.state).toBe('success');
  });
});

/** What tasks of the page give. */
const FIELDS = {
  rows: 3,
  files: ['a', 'b'],
  page: 2,
  more: false,
  id: 'c-1',
  paths: ['x'],
  path: 'x',
  good: true,
};

describe('the page', () => {
  test('has blocks that compile as files of pipelines/', async () => {
    expect(await typeErrors(FOLDER)).toBe('');
  });

  test('links to every section, and has no picture too many', () => {
    const links = [...PAGE.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor]) => anchor);
    expect(links).toEqual(SECTIONS.map(({ title }) => title.toLowerCase().replaceAll(' ', '-')));
    const shown = [...PAGE.matchAll(/\]\(pictures\/([\w.]+)\)/g)].map(([, file]) => file);
    expect(new Set(readdirSync('docs/pictures'))).toEqual(new Set(shown));
  });

  test('is linked from the README, and links only to what is there', () => {
    expect(readFileSync('README.md', 'utf8').includes('](docs/language.md)')).toBe(true);
    const files = [...PAGE.matchAll(/\]\((?!#)([^)]+)\)/g)].map(([, file = '']) => join('docs', file));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

/** Options of the language, by the interface that declares them. */
const OPTIONS = readdirSync('lib/dsl').flatMap((file) => {
  const text = readFileSync(join('lib/dsl', file), 'utf8');
  const found = text.matchAll(/^export interface (\w*(?:Options|Defaults|Retry)\b).*?\{\n(.*?)^\}/gms);
  return [...found].map(([, name = '', body = '']) => ({
    name,
    options: [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, option = '']) => option),
  }));
});

describe('every option', () => {
  test('is found in the sources', () => {
    expect(OPTIONS.flatMap(({ options }) => options).length).toBeGreaterThan(80);
    expect(OPTIONS.map(({ name }) => name)).toEqual(expect.arrayContaining(['DagOptions', 'AsksOptions']));
  });

  test.each(OPTIONS)('of $name is on the page', ({ options }) => {
    expect(options.filter((option) => !new RegExp(`\\b${option}\\b`).test(PAGE))).toEqual([]);
  });
});

function fileOf({ title }: Section): string {
  return join(FOLDER, `${title.toLowerCase().replaceAll(' ', '-')}.ts`);
}

function sourceOf({ text }: Section): string {
  const [, source = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(text) ?? [];
  return source.replaceAll(`from '../`, `from '../../`);
}

async function dagOf(section: Section): Promise<DagNode> {
  const exported: Record<string, DagNode> = await import(pathToFileURL(resolve(fileOf(section))).href);
  const [dag, ...others] = Object.values(exported);
  if (dag === undefined || others.length > 0) throw new Error(`"${section.title}": must export one DAG`);
  return dag;
}
