import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { countProblems, problemsJson, renderProblems } from '../../lib/cli/problems.ts';
import { bodyOf } from '../../lib/model/bodies.ts';
import { type Loaded, loadPipelines } from '../../lib/project/load.ts';

const projects: string[] = [];

afterEach(() => {
  for (const root of projects.splice(0)) rmSync(root, { recursive: true });
});

test('a project gives its DAGs by file, with the places they are written at', async () => {
  const { root, loaded } = await load({
    'pipelines/b.ts': good('second'),
    'pipelines/deep/a.ts': good('first'),
    'pipelines/types.d.ts': 'export type A = 1;',
    'pipelines/a.test.ts': 'throw new Error();',
  });
  expect(loaded.problems).toEqual([]);
  expect(loaded.dags.map(({ dag, file }) => [dag.id, file.slice(root.length), dag.tasks[0]?.at])).toEqual([
    ['second', '/pipelines/b.ts', { file: join(root, 'pipelines/b.ts'), line: 4, column: 3 }],
    ['first', '/pipelines/deep/a.ts', { file: join(root, 'pipelines/deep/a.ts'), line: 4, column: 3 }],
  ]);
});

test('two environments of one name are one problem of the configuration', async () => {
  const { root, loaded } = await load({
    'pipelines/a.ts': good('sales'),
    'tutti.config.ts': 'export const config = {\n  environments: { dev: {}, prod: {}, dev: {} },\n};\n',
  });
  expect(loaded.config.environments).toEqual({});
  expect(loaded.problems).toMatchObject([
    {
      path: 'tutti.config.ts',
      message: 'must have each name once in an object, got "dev" twice',
      at: { file: join(root, 'tutti.config.ts'), line: 2 },
    },
  ]);
});

test.each(['let = 1;', 'with (Math) { abs(1); }', 'await = 1;'])(
  'a file of sloppy JavaScript is one problem: %s',
  async (text) => {
    const { root, loaded } = await load({ 'pipelines/a.ts': good('sales'), 'pipelines/b.ts': text });
    expect(loaded.dags.map(({ dag }) => dag.id)).toEqual(['sales']);
    expect(loaded.problems).toMatchObject([
      { code: 'unloadable-file', at: { file: join(root, 'pipelines/b.ts') } },
    ]);
    const alone = await load({ 'pipelines/b.ts': text });
    expect(alone.loaded.problems).toMatchObject([{ code: 'unloadable-file' }]);
  },
);

test('bodies are found by the loaded DAG', async () => {
  const { loaded } = await load({ 'pipelines/a.ts': good('sales') });
  const dag = loaded.dags[0]?.dag;
  expect(dag && (await bodyOf(dag, 'load')?.())).toBe(1);
});

test('lists of DAGs, and DAGs that another file exports again, count once', async () => {
  const { loaded } = await load({
    'pipelines/all.ts':
      "export { north } from './regions.ts';\nimport { regions } from './regions.ts';\nexport default regions[0];\n",
    'pipelines/regions.ts': [
      "import { dag, fn } from 'tutti';",
      "const of = (id: string) => dag(id, {}, ({ task }) => { task('load', fn(async () => 1)); });",
      "export const north = of('north');",
      "export const regions = [of('east'), of('west')];",
    ].join('\n'),
  });
  expect(loaded.dags.map(({ dag, file }) => [dag.id, file.endsWith('regions.ts')])).toEqual([
    ['north', true],
    ['east', true],
    ['west', true],
  ]);
  expect(loaded.problems).toEqual([]);
});

test('a file reads what lies beside it', async () => {
  const { loaded } = await load({
    'pipelines/a.ts': [
      "import { readFileSync } from 'node:fs';",
      "import { dag, fn } from 'tutti';",
      "const id = readFileSync(new URL('./id.txt', import.meta.url), 'utf8');",
      "export const sales = dag(id, {}, ({ task }) => { task('load', fn(async () => import.meta.dirname)); });",
    ].join('\n'),
    'pipelines/id.txt': 'from_file',
  });
  expect(loaded.dags.map(({ dag }) => dag.id)).toEqual(['from_file']);
});

test('a syntax error is told with its code, and hides nothing else', async () => {
  const { text, ids } = await load({
    'pipelines/a.ts':
      "import { dag } from 'tutti';\n\nexport const a = dag('a', {}, ({ task }) => {\n  task('x', fn(;\n});\n",
    'pipelines/b.ts': good('b'),
  });
  expect(ids).toEqual(['b']);
  expect(text).toMatchInlineSnapshot(`
    "error unloadable-file  pipelines/a.ts
      must compile, got: Unexpected ";"
      → correct it here; other files are not affected
      at pipelines/a.ts:4:16
        2 |
        3 | export const a = dag('a', {}, ({ task }) => {
      > 4 |   task('x', fn(;
          |                ^
        5 | });"
  `);
});

test('a file that throws is told with the line that threw, and hides nothing else', async () => {
  const { text, ids } = await load({
    'pipelines/a.ts':
      'const settings: { name?: { first: string } } = {};\n\nexport const name = settings.name!.first;\n',
    'pipelines/b.ts': good('b'),
    'pipelines/c.ts': "throw 'plain text';\n",
  });
  expect(ids).toEqual(['b']);
  expect(text).toMatchInlineSnapshot(`
    "error unloadable-file  pipelines/a.ts
      must load without an error, got TypeError: Cannot read properties of undefined (reading 'first')
      → move what can fail into a task: a file is loaded at every command
      at pipelines/a.ts:3:36
        1 | const settings: { name?: { first: string } } = {};
        2 |
      > 3 | export const name = settings.name!.first;
          |                                    ^

    error unloadable-file  pipelines/c.ts
      must load without an error, got a thrown "plain text"
      → move what can fail into a task: a file is loaded at every command
      at pipelines/c.ts:1:1
      > 1 | throw 'plain text';
          | ^"
  `);
});

test('a broken file that two others share is told once, and a third one is loaded', async () => {
  const { text, ids } = await load({
    'pipelines/a.ts': `import './shared/it.js';\n${good('a')}`,
    'pipelines/b.ts': `import './shared/it.js';\n${good('b')}`,
    'pipelines/c.ts': good('c'),
    'pipelines/shared/it.js': 'export const = 1;\n',
  });
  expect(ids).toEqual(['c']);
  expect(text).toMatchInlineSnapshot(`
    "error unloadable-file  pipelines/shared/it.js
      must compile, got: Expected identifier but found "="
      → correct it here; other files are not affected
      at pipelines/shared/it.js:1:14
      > 1 | export const = 1;
          |              ^"
  `);
});

test('imports that lead nowhere are told with what was meant', async () => {
  const { text } = await load({
    'pipelines/a.ts': "import { dagg } from 'tutti';\nexport const a = dagg('a', {}, () => {});\n",
    'pipelines/b.ts':
      "import nothing from '@who/nothing/deep';\nimport './gone.ts';\nexport const b = nothing;\n",
  });
  expect(text).toMatchInlineSnapshot(`
    "error unloadable-file  pipelines/a.ts
      must import what "tutti" exports, got "dagg"
      → did you mean "dag"?
      at pipelines/a.ts:1:10
      > 1 | import { dagg } from 'tutti';
          |          ^
        2 | export const a = dagg('a', {}, () => {});

    error unloadable-file  pipelines/b.ts
      must compile, got: Could not find the package "@who/nothing/deep"
      → install it: npm install @who/nothing
      at pipelines/b.ts:1:21
      > 1 | import nothing from '@who/nothing/deep';
          |                     ^
        2 | import './gone.ts';

    error unloadable-file  pipelines/b.ts
      must compile, got: Could not resolve "./gone.ts"
      → is the file there? its path is relative to this one
      at pipelines/b.ts:2:8
        1 | import nothing from '@who/nothing/deep';
      > 2 | import './gone.ts';
          |        ^
        3 | export const b = nothing;"
  `);
});

test('a package that fails when it is imported takes down only who imports it', async () => {
  const { text, ids } = await load({
    'node_modules/odd/package.json': '{ "name": "odd", "type": "module", "main": "index.js" }',
    'node_modules/odd/index.js': 'export const one = 1;\nthrow new Error("no licence");\n',
    'pipelines/a.ts': `import { one } from 'odd';\n${good('a')}export const x = one;\n`,
    'pipelines/b.ts': good('b'),
  });
  expect(ids).toEqual(['b']);
  expect(text).toMatchInlineSnapshot(`
    "error unloadable-file  pipelines/a.ts
      must load without an error, got Error: no licence
      → move what can fail into a task: a file is loaded at every command
      at pipelines/a.ts:1:1
      > 1 | import { one } from 'odd';
          | ^
        2 | import { dag, fn } from 'tutti';"
  `);
});

test('a file may wait for something before it declares its DAG', async () => {
  const { ids } = await load({
    'pipelines/a.ts': `const id = await Promise.resolve('x');\n${good('late')}export const y = id;\n`,
  });
  expect(ids).toEqual(['late']);
});

test('a value used as what it is not is told where the author used it', async () => {
  const { text } = await load({
    'pipelines/a.ts': [
      "import { dag, fn } from 'tutti';",
      "export const a = dag('a', {}, ({ task, run }) => {",
      `  task('load', fn({ day: \`day \${run.interval.date}\` }, async () => 1));`,
      '});',
    ].join('\n'),
  });
  expect(text).toMatchInlineSnapshot(`
    "error ref-misused  dag "a" › run.interval.date
      is known only during a run and cannot be used as text or number here
      → put it into text\`…\` or sql\`…\`, compare it by eq(ref, value)
      at pipelines/a.ts:3:46
        1 | import { dag, fn } from 'tutti';
        2 | export const a = dag('a', {}, ({ task, run }) => {
      > 3 |   task('load', fn({ day: \`day \${run.interval.date}\` }, async () => 1));
          |                                              ^
        4 | });"
  `);
});

test('files without a DAG, and DAGs nobody exports, are told', async () => {
  const { text } = await load({
    'pipelines/a.ts': 'export const x = 1;\n',
    'pipelines/b.ts': good('hidden-dag').replace('export const it = ', 'export default '),
    'pipelines/c.ts': `import { x } from './helper.ts';\n${good('c')}export const y = x;\n`,
    'pipelines/helper.ts': 'export const x = 1;\n',
  });
  expect(text).toMatchInlineSnapshot(`
    "error unexported-dag  dag "hidden-dag"
      must be a named export of its file, got a DAG that nothing exports
      → write export const hiddenDag = dag("hidden-dag", …); default exports are not read
      at pipelines/b.ts:3:16
        1 | import { dag, fn } from 'tutti';
        2 |
      > 3 | export default dag('hidden-dag', {}, ({ task }) => {
          |                ^
        4 |   task('load', fn(async () => 1));

    error no-dag  pipelines/a.ts
      must export at least one DAG, got none
      → write export const name = dag('name', { … }, ({ task }) => { … }), or move the file out of the pipelines' folder
      at pipelines/a.ts:1:1
      > 1 | export const x = 1;
          | ^"
  `);
});

test('two DAGs of one id are told with both places, as problems of the second', async () => {
  const { text, loaded } = await load({ 'pipelines/a.ts': good('sales'), 'pipelines/b.ts': good('sales') });
  expect(loaded.dags.map(({ problems }) => problems.length)).toEqual([0, 1]);
  expect(text).toMatchInlineSnapshot(`
    "error duplicate-dag-id  dag "sales"
      must have an id of its own, got "sales" twice
      → rename one of the two
      at pipelines/b.ts:3:19
        1 | import { dag, fn } from 'tutti';
        2 |
      > 3 | export const it = dag('sales', {}, ({ task }) => {
          |                   ^
        4 |   task('load', fn(async () => 1));
      first declared here pipelines/a.ts:3:19
        1 | import { dag, fn } from 'tutti';
        2 |
      > 3 | export const it = dag('sales', {}, ({ task }) => {
          |                   ^
        4 |   task('load', fn(async () => 1));"
  `);
});

test('a pool has one size in all DAGs', async () => {
  const holding = (id: string, slots: number) =>
    [
      "import { dag, fn, pool } from 'tutti';",
      `const places = pool('places', { slots: ${slots} });`,
      `export const it = dag('${id}', {}, ({ task }) => {`,
      "  task('load', fn(async () => 1), { pool: places });",
      '});',
    ].join('\n');
  const { loaded } = await load({
    'pipelines/a.ts': holding('a', 2),
    'pipelines/b.ts': holding('b', 2),
    'pipelines/c.ts': holding('c', 3),
  });
  expect(loaded.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'dag "c" › pool "places": must have the 2 slots it has in dag "a", got 3',
  ]);
});

test('a project without pipelines is told where they are looked for', async () => {
  expect((await load({})).text).toMatchInlineSnapshot(`
    "error no-pipelines  pipelines/**/*.ts
      must match at least one file, got none
      → write a pipeline there, or name its place in tutti.config.ts: { pipelines: ['…/*.ts'] }"
  `);
});

test('the configuration says where pipelines are', async () => {
  const { ids, loaded } = await load({
    'tutti.config.ts':
      "import { defineConfig } from 'tutti';\nexport const config = defineConfig({ pipelines: ['etl/*.ts'], environments: { local: {} } });\n",
    'etl/a.ts': good('a'),
    'pipelines/b.ts': good('b'),
  });
  expect(ids).toEqual(['a']);
  expect(loaded.config.environments).toEqual({ local: {} });
});

test('a configuration that cannot be read is told, and the pipelines are loaded', async () => {
  const configs = {
    throwing: "throw new Error('no network');\n",
    broken: 'export const config = {;\n',
    empty: 'export {};\n',
    wrong: "export const config = { pipelines: 'etl', environments: [] };\n",
  };
  const texts: Project[] = [];
  for (const config of Object.values(configs))
    texts.push(await load({ 'tutti.config.ts': config, 'pipelines/a.ts': good('a') }));
  expect(texts.map(({ ids }) => ids)).toEqual([['a'], ['a'], ['a'], ['a']]);
  expect(texts.map(({ text }) => text).join('\n\n')).toMatchInlineSnapshot(`
    "error unloadable-file  tutti.config.ts
      must load without an error, got Error: no network
      → move what can fail into a task: a file is loaded at every command
      at tutti.config.ts:1:7
      > 1 | throw new Error('no network');
          |       ^

    error unloadable-file  tutti.config.ts
      must compile, got: Expected identifier but found ";"
      → correct it here; other files are not affected
      at tutti.config.ts:1:24
      > 1 | export const config = {;
          |                        ^

    error config  tutti.config.ts
      must export a configuration, got nothing
      → write export const config = defineConfig({ … })

    error config  tutti.config.ts › pipelines
      must be a list of globs, got "etl"
      → write ['pipelines/**/*.ts']

    error config  tutti.config.ts › environments
      must be an object, got a list
      → write { local: {} }"
  `);
});

test('many mistakes are told at once, each with its place, code and remedy', async () => {
  const { text, loaded } = await load({
    'pipelines/a.ts': `import { cron, dag, fn } from 'tutti';

export const bad = dag('bad', { schedule: cron('61 * * * *') }, ({ task, chain }) => {
  task('bad id!', fn(async () => 1), { retries: { attempts: -1 } });
  task('many', fn(async () => 1), { retries: { attempts: 'many' } } as never);
  task('typo', fn(async () => 1), { retrys: 3 } as never);
  task('twice', fn(async () => 1));
  task('twice', fn(async () => 1));
  task('lost', fn(async () => 1), { after: { id: 'nobody' } } as never);
  const a = task('a', fn(async () => 1));
  const b = task('b', fn(async () => 1), { after: a });
  const c = task('c', fn(async () => 1), { after: b });
  chain(c, a);
});
`,
    'pipelines/b.ts': good('bad'),
    'pipelines/c.ts': "throw new Error('no such host');\n",
  });
  expect(text).toMatchInlineSnapshot(`
    "error unloadable-file  pipelines/c.ts
      must load without an error, got Error: no such host
      → move what can fail into a task: a file is loaded at every command
      at pipelines/c.ts:1:7
      > 1 | throw new Error('no such host');
          |       ^

    error unknown-option  dag "bad" › task "typo" › retrys
      is no option
      → did you mean "retries"?
      at pipelines/a.ts:6:3
        4 |   task('bad id!', fn(async () => 1), { retries: { attempts: -1 } });
        5 |   task('many', fn(async () => 1), { retries: { attempts: 'many' } } as never);
      > 6 |   task('typo', fn(async () => 1), { retrys: 3 } as never);
          |   ^
        7 |   task('twice', fn(async () => 1));

    error not-a-task  dag "bad" › task "lost" › after
      must be a task of this DAG, got an object
      → give what task, branch, group or branch.to(…) returned
      at pipelines/a.ts:9:3
         7 |   task('twice', fn(async () => 1));
         8 |   task('twice', fn(async () => 1));
      >  9 |   task('lost', fn(async () => 1), { after: { id: 'nobody' } } as never);
           |   ^
        10 |   const a = task('a', fn(async () => 1));

    error task-id  dag "bad" › task "bad id!"
      id must have no space, got "bad id!"
      → write "bad_id!"
      at pipelines/a.ts:4:3
        2 |
        3 | export const bad = dag('bad', { schedule: cron('61 * * * *') }, ({ task, chain }) => {
      > 4 |   task('bad id!', fn(async () => 1), { retries: { attempts: -1 } });
          |   ^
        5 |   task('many', fn(async () => 1), { retries: { attempts: 'many' } } as never);

    error duplicate-task-id  dag "bad" › task "twice"
      must have an id of its own, got "twice" twice
      → rename one of the two
      at pipelines/a.ts:8:3
        6 |   task('typo', fn(async () => 1), { retrys: 3 } as never);
        7 |   task('twice', fn(async () => 1));
      > 8 |   task('twice', fn(async () => 1));
          |   ^
        9 |   task('lost', fn(async () => 1), { after: { id: 'nobody' } } as never);
      first declared here pipelines/a.ts:7:3
        5 |   task('many', fn(async () => 1), { retries: { attempts: 'many' } } as never);
        6 |   task('typo', fn(async () => 1), { retrys: 3 } as never);
      > 7 |   task('twice', fn(async () => 1));
          |   ^
        8 |   task('twice', fn(async () => 1));

    error cycle  dag "bad"
      tasks must not wait for each other, got a → b → c → a
      → remove one of these edges, such as c → a
      at pipelines/a.ts:10:13
         8 |   task('twice', fn(async () => 1));
         9 |   task('lost', fn(async () => 1), { after: { id: 'nobody' } } as never);
      > 10 |   const a = task('a', fn(async () => 1));
           |             ^
        11 |   const b = task('b', fn(async () => 1), { after: a });
      "b" is declared here pipelines/a.ts:11:13
         9 |   task('lost', fn(async () => 1), { after: { id: 'nobody' } } as never);
        10 |   const a = task('a', fn(async () => 1));
      > 11 |   const b = task('b', fn(async () => 1), { after: a });
           |             ^
        12 |   const c = task('c', fn(async () => 1), { after: b });
      "c" is declared here pipelines/a.ts:12:13
        10 |   const a = task('a', fn(async () => 1));
        11 |   const b = task('b', fn(async () => 1), { after: a });
      > 12 |   const c = task('c', fn(async () => 1), { after: b });
           |             ^
        13 |   chain(c, a);

    error retries  dag "bad" › task "bad id!" › retries.attempts
      must be a whole number from 0 to 99999999, got -1
      → write how many tries may follow the first, 0 for none
      at pipelines/a.ts:4:3
        2 |
        3 | export const bad = dag('bad', { schedule: cron('61 * * * *') }, ({ task, chain }) => {
      > 4 |   task('bad id!', fn(async () => 1), { retries: { attempts: -1 } });
          |   ^
        5 |   task('many', fn(async () => 1), { retries: { attempts: 'many' } } as never);

    error retries  dag "bad" › task "many" › retries.attempts
      must be a whole number from 0 to 99999999, got "many"
      → write how many tries may follow the first, 0 for none
      at pipelines/a.ts:5:3
        3 | export const bad = dag('bad', { schedule: cron('61 * * * *') }, ({ task, chain }) => {
        4 |   task('bad id!', fn(async () => 1), { retries: { attempts: -1 } });
      > 5 |   task('many', fn(async () => 1), { retries: { attempts: 'many' } } as never);
          |   ^
        6 |   task('typo', fn(async () => 1), { retrys: 3 } as never);

    error schedule  dag "bad" › schedule.cron "61 * * * *"
      minute must be 0-59, got 61
      → every day at 02:00 is '0 2 * * *'
      at pipelines/a.ts:3:20
        1 | import { cron, dag, fn } from 'tutti';
        2 |
      > 3 | export const bad = dag('bad', { schedule: cron('61 * * * *') }, ({ task, chain }) => {
          |                    ^
        4 |   task('bad id!', fn(async () => 1), { retries: { attempts: -1 } });

    error unknown-option  dag "bad" › task "typo" › retrys
      is no option
      → did you mean "retries"?
      at pipelines/a.ts:6:3
        4 |   task('bad id!', fn(async () => 1), { retries: { attempts: -1 } });
        5 |   task('many', fn(async () => 1), { retries: { attempts: 'many' } } as never);
      > 6 |   task('typo', fn(async () => 1), { retrys: 3 } as never);
          |   ^
        7 |   task('twice', fn(async () => 1));

    error not-a-task  dag "bad" › task "lost" › after
      must be a task of this DAG, got an object
      → give what task, branch, group or branch.to(…) returned
      at pipelines/a.ts:9:3
         7 |   task('twice', fn(async () => 1));
         8 |   task('twice', fn(async () => 1));
      >  9 |   task('lost', fn(async () => 1), { after: { id: 'nobody' } } as never);
           |   ^
        10 |   const a = task('a', fn(async () => 1));

    error duplicate-dag-id  dag "bad"
      must have an id of its own, got "bad" twice
      → rename one of the two
      at pipelines/b.ts:3:19
        1 | import { dag, fn } from 'tutti';
        2 |
      > 3 | export const it = dag('bad', {}, ({ task }) => {
          |                   ^
        4 |   task('load', fn(async () => 1));
      first declared here pipelines/a.ts:3:20
        1 | import { cron, dag, fn } from 'tutti';
        2 |
      > 3 | export const bad = dag('bad', { schedule: cron('61 * * * *') }, ({ task, chain }) => {
          |                    ^
        4 |   task('bad id!', fn(async () => 1), { retries: { attempts: -1 } });"
  `);
  expect(countProblems(loaded.problems)).toBe('12 errors');
});

test('problems are JSON too', async () => {
  const { root, loaded } = await load({ 'pipelines/a.ts': good('sales'), 'pipelines/b.ts': good('sales') });
  expect(problemsJson(loaded.problems, root)).toMatchInlineSnapshot(`
    [
      {
        "at": {
          "column": 19,
          "file": "pipelines/b.ts",
          "line": 3,
        },
        "code": "duplicate-dag-id",
        "message": "must have an id of its own, got "sales" twice",
        "path": "dag "sales"",
        "related": [
          {
            "at": {
              "column": 19,
              "file": "pipelines/a.ts",
              "line": 3,
            },
            "note": "first declared here",
          },
        ],
        "remedy": "rename one of the two",
        "severity": "error",
      },
    ]
  `);
});

test('nothing is left behind in the cache', async () => {
  const { root } = await load({ 'pipelines/a.ts': good('sales') });
  expect(readdirSync(join(root, '.tutti/cache'))).toEqual([]);
});

interface Project {
  readonly root: string;
  readonly loaded: Loaded;
  readonly ids: readonly string[];
  /** Everything wrong, as printed. */
  readonly text: string;
}

async function load(files: Readonly<Record<string, string>>): Promise<Project> {
  const root = mkdtempSync(join(tmpdir(), 'tutti-load-test-'));
  projects.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const loaded = await loadPipelines({ root });
  const text = renderProblems(loaded.problems, {
    color: false,
    root,
    readFile: (file) => readFileSync(file, 'utf8'),
  });
  return { root, loaded, ids: loaded.dags.map(({ dag }) => dag.id), text };
}

function good(id: string): string {
  return `import { dag, fn } from 'tutti';

export const it = dag('${id}', {}, ({ task }) => {
  task('load', fn(async () => 1));
});
`;
}

test('notifiers that cannot work are told before something fails', async () => {
  const { ids, text } = await load({
    'tutti.config.ts': `export const config = { environments: { local: { notifiers: {
      console: { kind: 'console' },
      hook: { kind: 'webhook', url: 'https://hooks.example.com/x', headers: { a: 'b' }, secret: 'HOOK' },
      none: 'console', mail: { kind: 'mail' }, bare: { kind: 'webhook' }, file: { kind: 'webhook', url: 'file:///etc' },
      heads: { kind: 'webhook', url: 'https://a.b', headers: { a: 1 } }, key: { kind: 'webhook', url: 'https://a.b', secret: 1 },
    } }, prod: { notifiers: [] } } };\n`,
    'pipelines/a.ts': good('a'),
  });
  expect(ids).toEqual(['a']);
  expect(text).toMatchInlineSnapshot(`
    "error config  tutti.config.ts › environments.local.notifiers.none
      must be an object, got "console"
      → write { oncall: { kind: 'webhook', url: 'https://…' } }

    error config  tutti.config.ts › environments.local.notifiers.mail.kind
      must be "console" or "webhook", got "mail"
      → write { oncall: { kind: 'webhook', url: 'https://…' } }

    error config  tutti.config.ts › environments.local.notifiers.bare.url
      must begin with https:// or http://, got nothing
      → write { oncall: { kind: 'webhook', url: 'https://…' } }

    error config  tutti.config.ts › environments.local.notifiers.file.url
      must begin with https:// or http://, got "file:///etc"
      → write { oncall: { kind: 'webhook', url: 'https://…' } }

    error config  tutti.config.ts › environments.local.notifiers.heads.headers
      must be an object of texts, got {"a":1}
      → write { oncall: { kind: 'webhook', url: 'https://…' } }

    error config  tutti.config.ts › environments.local.notifiers.key.secret
      must be the name of a secret, got 1
      → write { oncall: { kind: 'webhook', url: 'https://…' } }

    error config  tutti.config.ts › environments.prod.notifiers
      must be an object, got a list
      → write { oncall: { kind: 'webhook', url: 'https://…' } }"
  `);
});
