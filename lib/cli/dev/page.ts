import type { DagHead } from '../../model/dag-version.ts';

/** What a browser sees at `/`: what is here, and where the API is. */
export function pageOf(root: string, heads: readonly DagHead[]): string {
  const rows = heads
    .filter(({ retiredAt }) => retiredAt === undefined)
    .map(({ dagId, schedule, paused, owner = '' }) => {
      const path = `/api/v1/dags/${encodeURIComponent(dagId)}`;
      const cells = [
        `<a href="${path}">${escaped(dagId)}</a>`,
        escaped(schedule),
        escaped(owner),
        paused ? 'paused' : '',
        `<a href="${path}/runs">runs</a>`,
      ];
      return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
    });
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>tutti dev</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}td{padding:.1rem 1rem .1rem 0}code{background:#8882;padding:.1rem .3rem}</style>
<h1>tutti dev</h1>
<p>${escaped(root)}: ${rows.length} DAG${rows.length === 1 ? '' : 's'}, scheduled here. This is the JSON API's front door:
<a href="/api/v1/dags">DAGs</a>, <a href="/api/v1/runs">runs</a>, <a href="/api/v1/openapi.json">OpenAPI</a>.</p>
<table>${rows.join('\n')}</table>
<p>In a terminal: <code>tutti trigger &lt;dag&gt;</code> <code>tutti runs</code> <code>tutti why &lt;dag&gt; &lt;date&gt;</code> <code>tutti --help</code></p>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
