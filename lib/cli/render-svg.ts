import type { Manifest } from '../model/manifest.ts';
import { type EdgeLine, type GroupBox, layOut, type NodeBox } from './svg-layout.ts';

/** The DAG as a drawing from left to right: no states, no script, light and dark by the reader's preference. */
export function renderSvg(manifest: Manifest): string {
  const drawing = layOut(manifest);
  const [width, height] = [Math.ceil(drawing.width), Math.ceil(drawing.height)];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="dag-title dag-desc">
<title id="dag-title">${escaped(manifest.dagId)}</title>
<desc id="dag-desc">${escaped(manifest.description ?? `${manifest.tasks.length} tasks, ${manifest.schedule}`)}</desc>
<style>${STYLE}</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0.5 8 4 0 7.5z"/></marker></defs>
<rect class="paper" width="100%" height="100%"/>
${[...drawing.groups.map(groupMarkup), ...drawing.edges.map(edgeMarkup), ...drawing.nodes.map(nodeMarkup)].join('\n')}
</svg>`;
}

const STYLE = `
text { font: 13px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; }
.paper { fill: #ffffff; }
.note { font-size: 10.5px; fill: #59636e; }
.node { fill: #f6f8fa; stroke: #848d97; }
.edge { fill: none; stroke: #848d97; stroke-width: 1.25; }
.head { fill: #848d97; }
.group { fill: #0969da; fill-opacity: 0.05; stroke: #0969da; stroke-opacity: 0.55; stroke-dasharray: 4 3; }
.group-name { font-size: 11px; fill: #0969da; }
.label { font-size: 10.5px; fill: #8250df; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .paper { fill: #0d1117; }
  .note { fill: #9198a1; }
  .node { fill: #161b22; stroke: #6e7681; }
  .edge { stroke: #6e7681; }
  .head { fill: #6e7681; }
  .group { fill: #58a6ff; stroke: #58a6ff; }
  .group-name { fill: #58a6ff; }
  .label { fill: #bc8cff; stroke: #0d1117; }
}
`;

function nodeMarkup({ x, y, width, height, task, label, note }: NodeBox): string {
  const centre = x + width / 2;
  const cut = task.kind === 'branch' || task.kind === 'choose' || task.kind.startsWith('shortCircuit');
  const shape = cut
    ? `<path class="node" d="${hexagon(x, y, width, height)}"/>`
    : `<rect class="node" x="${x}" y="${y}" width="${width}" height="${height}" rx="${task.kind === 'setup' || task.kind === 'teardown' ? height / 2 : 7}"/>`;
  const about = [task.id, task.kind, task.triggerRule, ...(task.doc === undefined ? [] : [task.doc])].join(
    ' · ',
  );
  return `<g><title>${escaped(about)}</title>${shape}<text x="${centre}" y="${y + 19}" text-anchor="middle">${escaped(label)}</text><text class="note" x="${centre}" y="${y + 34}" text-anchor="middle">${escaped(note)}</text></g>`;
}

/** What decides where to go has pointed sides. */
function hexagon(x: number, y: number, width: number, height: number): string {
  const [point, middle] = [10, y + height / 2];
  return `M${x} ${middle}L${x + point} ${y}H${x + width - point}L${x + width} ${middle}L${x + width - point} ${y + height}H${x + point}Z`;
}

function groupMarkup({ label, x, y, width, height }: GroupBox): string {
  return `<g><rect class="group" x="${x}" y="${y}" width="${width}" height="${height}" rx="9"/><text class="group-name" x="${x + 10}" y="${y + 16}">${escaped(label)}</text></g>`;
}

function edgeMarkup({ from, to, points, label }: EdgeLine): string {
  const line = `<path class="edge" d="${curve(points)}" marker-end="url(#arrow)"/>`;
  const about = `<title>${escaped(`${from} → ${to}`)}</title>`;
  if (label === undefined) return `<g>${about}${line}</g>`;
  const [x, y] = points.at(-1) ?? [0, 0];
  return `<g>${about}${line}<text class="label" x="${x - 12}" y="${y - 6}" text-anchor="end">${escaped(label)}</text></g>`;
}

/** A smooth line that leaves and enters level. */
function curve(points: EdgeLine['points']): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${round(first[0])} ${round(first[1])}`;
  let last = first;
  for (const next of rest) {
    if (next[1] === last[1]) path += `H${round(next[0])}`;
    else {
      const bend = (next[0] - last[0]) / 2;
      path += `C${round(last[0] + bend)} ${round(last[1])} ${round(next[0] - bend)} ${round(next[1])} ${round(next[0])} ${round(next[1])}`;
    }
    last = next;
  }
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
