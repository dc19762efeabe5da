import { describe, expect, test } from 'vitest';
import { renderMermaid } from '../../lib/cli/render-mermaid.ts';
import { renderSvg } from '../../lib/cli/render-svg.ts';
import { type Box, layOut } from '../../lib/cli/svg-layout.ts';
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

describe('the flowchart', () => {
  test('has nodes, nested groups and labelled edges', () => {
    expect(renderMermaid(SALES)).toBe(
      `
flowchart LR
  t0["fetch<br/><small>fn</small>"]
  t1{"size<br/><small>branch</small>"}
  t4["small<br/><small>fn</small>"]
  t5["alarm<br/><small>fn<br/>one_failed</small>"]
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

  test('writes characters that mean something to Mermaid as entities', () => {
    expect(renderMermaid(manifestOf({ a: { kind: '<"x"> #1 & co' } }))).toContain(
      '#lt;#quot;x#quot;#gt; #35;1 #amp; co',
    );
  });
});

describe('the drawing', () => {
  test('puts no box on another, and every task inside its group', () => {
    const { nodes, groups } = layOut(SALES);
    for (const [index, node] of nodes.entries()) {
      for (const other of nodes.slice(index + 1)) expect(overlap(node, other)).toBe(false);
    }
    expect(groups.map(({ id }) => id)).toEqual(['load', 'load.inner']);
    for (const group of groups) {
      for (const node of nodes) expect(overlap(group, node)).toBe(node.task.id.startsWith(`${group.id}.`));
    }
  });

  test('leads every line forward and around the boxes between its ends', () => {
    const { nodes, edges } = layOut(SALES);
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
    const { nodes, groups } = layOut(manifest);
    expect(groups).toEqual([]);
    expect(nodes.map(({ label }) => label)).toEqual(['g.a', 'b', 'g.c']);
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

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
