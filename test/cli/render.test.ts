import { describe, expect, test } from 'vitest';
import { type Box, draw } from '../../lib/cli/picture/drawing.ts';
import { renderMermaid } from '../../lib/cli/render-mermaid.ts';
import { renderSvg } from '../../lib/cli/render-svg.ts';
import { renderText } from '../../lib/cli/render-text.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { type DagNode, dag, fn, pool, sensor } from '../../lib/index.ts';
import { groupRetries, loops, mappedGroup, mapping, runRetries } from '../features.ts';
import { manifestOf } from './manifest.ts';

const SALES = manifestOf(
  {
    fetch: {},
    size: { kind: 'branch', after: ['fetch'] },
    'load.big': { upstream: [{ task: 'size', labels: ['big', 'huge'] }] },
    'load.inner.index': { after: ['load.big'] },
    small: { upstream: [{ task: 'size', labels: ['small'] }] },
    alarm: { after: ['fetch', 'load.inner.index'], triggerRule: 'one_failed' },
  },
  [
    { id: 'load', tasks: ['load.big'] },
    { id: 'load.inner', tasks: ['load.inner.index'] },
  ],
);

const nothing = fn(() => undefined);
/** Modules in each other, beside each other, and in plain groups. */
const NESTED = dag('nested', {}, ({ task, group }) => {
  const files = task(
    'files',
    fn(() => [['a', 'b']]),
  );
  const load = group('load', ({ task, group }) => {
    const first = task('first', nothing);
    const each = group.map(
      'each',
      files.output,
      ({ task, group }, names) => {
        const names_ = task.map('name', names, (name) => fn({ name }, () => 1));
        group('tries', ({ task }) => [task('x', nothing), task('y', nothing)], { after: names_, retries: 2 });
      },
      { after: first },
    );
    return [each, task('last', nothing, { after: each })];
  });
  task('end', nothing, { after: load });
  task('aside', nothing);
});

describe('the flowchart', () => {
  test('has nodes, nested groups and labelled edges', () => {
    expect(renderMermaid(SALES)).toBe(
      `
flowchart LR
  t0["fetch<br/><small>fn</small>"]
  t1{"size<br/><small>branch</small>"}
  t4["small<br/><small>fn</small>"]
  t5["alarm<br/><small>fn · one_failed</small>"]
  subgraph g0["load"]
    t2["load.big<br/><small>fn</small>"]
    subgraph g1["load.inner"]
      t3["load.inner.index<br/><small>fn</small>"]
    end
  end
  t0 --> t1
  t1 -->|"big, huge"| t2
  t2 --> t3
  t1 -->|"small"| t4
  t0 --> t5
  t3 --> t5`.trim(),
    );
  });

  test('has subgraphs for what repeats, and lines to and from them', () => {
    const chart = renderMermaid(compile(groupRetries).manifest);
    expect(chart).toContain('subgraph g0["load · ↻ 2"]');
    expect(chart).toContain('t0 --> g0');
    expect(chart).toContain('g0 --> t5');
    expect(renderMermaid(compile(mapping).manifest)).toContain(
      't2[["loaded<br/><small>fn<br/>× listed.files<br/>2 at once</small>"]]',
    );
    expect(renderMermaid(compile(NESTED).manifest)).not.toContain('undefined');
  });

  test('writes characters that mean something to Mermaid as entities', () => {
    expect(renderMermaid(manifestOf({ a: { kind: '<"x"> #1 & co' } }))).toContain(
      '#lt;#quot;x#quot;#gt; #35;1 #amp; co',
    );
  });
});

describe('the drawing', () => {
  test('puts no box on another, and every task inside its group', () => {
    const { nodes, groups } = draw(SALES);
    for (const [index, node] of nodes.entries()) {
      for (const other of nodes.slice(index + 1)) expect(overlap(node, other)).toBe(false);
    }
    expect(groups.map(({ id }) => id)).toEqual(['load', 'load.inner']);
    for (const group of groups) {
      for (const node of nodes) expect(overlap(group, node)).toBe(node.task.id.startsWith(`${group.id}.`));
    }
  });

  test('leads every line forward and around the boxes between its ends', () => {
    const { nodes, edges } = draw(SALES);
    expect(edges).toHaveLength(6);
    for (const { points, from, to } of edges) {
      const xs = points.map(([x]) => x);
      expect(xs).toEqual(xs.toSorted((a, b) => a - b));
      const others = nodes.filter(({ task }) => task.id !== from && task.id !== to);
      for (const [x, y] of points) {
        expect(
          others.some((box) => x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height),
        ).toBe(false);
      }
    }
  });

  test('draws no box around a group whose rectangle would hold another task', () => {
    const manifest = manifestOf({ 'g.a': {}, b: {}, 'g.c': {} }, [{ id: 'g', tasks: ['g.a', 'g.c'] }]);
    const { nodes, groups } = draw(manifest);
    expect(groups).toEqual([]);
    expect(nodes.map(({ label }) => label)).toEqual(['g.a', 'b', 'g.c']);
  });

  test.each([NESTED, groupRetries, loops, mappedGroup, mapping, runRetries])(
    'of $id has everything in its own box, and lines that end at boxes',
    (node) => {
      const { nodes, groups, edges } = draw(compile(node).manifest);
      const boxes = new Map<string, Box>(
        [...groups, ...nodes.map((box) => ({ ...box, id: box.task.id }))].map((box) => [box.id, box]),
      );
      expect(boxes.size).toBe(nodes.length + groups.length);
      const pairs = [...boxes].flatMap((one) => [...boxes].map((other) => [one, other] as const));
      for (const [[id, box], [other, around]] of pairs) {
        if (id === other) continue;
        expect(overlap(box, around), `${id} and ${other}`).toBe(isIn(id, other) || isIn(other, id));
        expect(within(box, around), `${id} in ${other}`).toBe(isIn(id, other));
      }
      for (const { from, to, points } of edges) {
        const [start, end] = [boxes.get(from), boxes.get(to)];
        expect(points[0]?.[0], `${from} → ${to}`).toBe(start && start.x + start.width);
        expect(points.at(-1)?.[0], `${from} → ${to}`).toBe(end?.x);
      }
    },
  );

  test('shows what repeats, what bounds, and what waits', () => {
    const svg = renderSvg(compile(NESTED).manifest);
    expect(svg.match(/marker-end="url\(#back\)"/g)).toHaveLength(1);
    expect(svg).toContain('× files');
    expect(draw(compile(NESTED).manifest).nodes.filter(({ isStack }) => isStack)).toMatchObject([
      { label: 'name', notes: ['fn', '× item'] },
    ]);
    const places = pool('places', { slots: 3 });
    const bounded = dag('bounded', {}, ({ task }) => {
      task('a', nothing, { retries: 3, timeout: '5m', deadline: 7200, pool: { pool: places, slots: 2 } });
      task('b', sensor.file('in/*.csv', { timeout: '3h' }));
    });
    const { manifest } = compile(bounded);
    expect(draw(manifest).nodes.map(({ notes }) => notes)).toEqual([
      ['fn', '↻ 3 · at most 5m', 'due after 2h', 'pool places × 2'],
      ['sensor.file', 'at most 3h'],
    ]);
    expect(renderSvg(manifest).match(/class="badge"/g)).toHaveLength(1);
  });

  test('is the same for the same DAG, says what it shows, and knows dark', () => {
    const svg = renderSvg({ ...SALES, description: 'orders < & >' });
    expect(svg).toBe(renderSvg({ ...SALES, description: 'orders < & >' }));
    expect(svg).toContain('<desc id="dag-desc">orders &lt; &amp; &gt;</desc>');
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg.match(/class="label"/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('of a thousand tasks is made at once', () => {
    const tasks = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [
        `t${index}`,
        { after: index < 50 ? [] : [`t${index - 50}`, `t${Math.floor(index / 50 - 1) * 50}`] },
      ]),
    );
    expect(renderSvg(manifestOf(tasks))).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('the table of tasks', () => {
  const table = (node: DagNode) => {
    const text = renderText(node, compile(node).manifest, { paint: (_style, text) => text });
    return text.slice(text.indexOf('  task '));
  };

  test('puts what repeats above what it repeats', () => {
    expect(table(mappedGroup)).toBe(
      `
  task     kind                  after
  listed   fn
  each     group × listed.files  listed
    clean  fn
    store  fn                    clean
  sum      fn                    each`.slice(1),
    );
    expect(table(groupRetries)).toContain('load     group  start  2 × 1s');
    expect(table(loops)).toContain('pages    loop until fetch.rows ≥ 3 · at most 5 times');
    expect(table(mapping)).toContain('loaded   fn × listed.files · 2 at once');
  });

  test('is below what is said of runs', () => {
    const text = renderText(runRetries, compile(runRetries).manifest, { paint: (_style, text) => text });
    expect(text).toContain('no catchup, at most 16 runs at once, again as a whole 1 × 1s');
  });
});

/** The whole run has no id. */
function isIn(id: string, other: string): boolean {
  return other === '' || id.startsWith(`${other}.`);
}

function within(inner: Box, outer: Box): boolean {
  const right = inner.x + inner.width <= outer.x + outer.width;
  return (
    inner.x >= outer.x && inner.y >= outer.y && right && inner.y + inner.height <= outer.y + outer.height
  );
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
