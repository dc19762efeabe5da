import type { Manifest } from '../model/manifest.ts';
import type { Box } from './picture/columns.ts';
import { draw, type EdgeLine, type GroupBox, type NodeBox } from './picture/drawing.ts';
import { badge, cardsBehind, front, outline, wayBack } from './picture/marks.ts';
import { NOTE_HEIGHT } from './picture/measure.ts';

/** The DAG as a drawing from left to right: no states, no script, light and dark by the reader's preference. */
export function renderSvg(manifest: Manifest): string {
  const drawing = draw(manifest);
  const [width, height] = [Math.ceil(drawing.width), Math.ceil(drawing.height)];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="dag-title dag-desc">
<title id="dag-title">${escaped(manifest.dagId)}</title>
<desc id="dag-desc">${escaped(manifest.description ?? `${manifest.tasks.length} tasks, ${manifest.schedule}`)}</desc>
<style>${STYLE}</style>
<defs>${arrowHead('arrow', 'head')}${arrowHead('back', 'back-head')}</defs>
<rect class="paper" width="100%" height="100%"/>
${[...drawing.groups.map(groupMarkup), ...drawing.edges.map(edgeMarkup), ...drawing.nodes.map(nodeMarkup)].join('\n')}
</svg>`;
}

const STYLE = `
text { font: 13px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; }
.paper { fill: #ffffff; }
.note { font-size: 10.5px; fill: #59636e; }
.node { fill: #f6f8fa; stroke: #848d97; }
.waits { stroke: #9a6700; stroke-dasharray: 5 3; }
.badge { fill: #ffffff; stroke: #9a6700; }
.sign { fill: none; stroke: #9a6700; stroke-width: 1.25; stroke-linecap: round; }
.edge { fill: none; stroke: #848d97; stroke-width: 1.25; }
.head { fill: #848d97; }
.group { fill: #0969da; fill-opacity: 0.05; stroke: #0969da; stroke-opacity: 0.55; stroke-dasharray: 4 3; }
.group-name { font-size: 11px; fill: #0969da; }
.module { fill: #f3f7fd; stroke: #5f9be3; }
.back { fill: none; stroke: #5f9be3; stroke-width: 1.25; }
.back-head { fill: #5f9be3; }
.label { font-size: 10.5px; fill: #8250df; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .paper { fill: #0d1117; }
  .note { fill: #9198a1; }
  .node { fill: #161b22; stroke: #6e7681; }
  .waits { stroke: #d29922; }
  .badge { fill: #0d1117; stroke: #d29922; }
  .sign { stroke: #d29922; }
  .edge { stroke: #6e7681; }
  .head { fill: #6e7681; }
  .group { fill: #58a6ff; stroke: #58a6ff; }
  .group-name { fill: #58a6ff; }
  .module { fill: #101a29; stroke: #3d6ea8; }
  .back { stroke: #3d6ea8; }
  .back-head { fill: #3d6ea8; }
  .label { fill: #bc8cff; stroke: #0d1117; }
}
`;

function arrowHead(id: string, className: string): string {
  return `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="${className}" d="M0 0.5 8 4 0 7.5z"/></marker>`;
}

function nodeMarkup({ task, label, notes, isStack, ...outer }: NodeBox): string {
  const box: Box = isStack ? front(outer) : outer;
  const centre = box.x + box.width / 2;
  const about = [task.id, task.kind, task.triggerRule, ...(task.doc === undefined ? [] : [task.doc])];
  const lines = notes.map(
    (note, line) =>
      `<text class="note" x="${centre}" y="${box.y + 34 + NOTE_HEIGHT * line}" text-anchor="middle">${escaped(note)}</text>`,
  );
  return `<g><title>${escaped(about.join(' · '))}</title>${isStack ? cardsBehind(box, 'node', 7) : ''}${outline(task, box)}<text x="${centre}" y="${box.y + 19}" text-anchor="middle">${escaped(label)}</text>${lines.join('')}${badge(task, box)}</g>`;
}

function groupMarkup(group: GroupBox): string {
  const { kind, label, note } = group;
  const box: Box = kind === 'map' ? front(group) : group;
  const className = kind === undefined ? 'group' : 'module';
  const behind = kind === 'map' ? cardsBehind(box, className, 9) : '';
  const back = kind === 'retry' || kind === 'loop' ? wayBack(group) : '';
  const words = note === '' ? '' : `<tspan class="note" dx="10">${escaped(note)}</tspan>`;
  return `<g>${behind}<rect class="${className}" x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="9"/>${back}<text class="group-name" x="${box.x + 10}" y="${box.y + 16}">${escaped(label)}${words}</text></g>`;
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
