import { compile } from '../../compiler/compile.ts';
import { explain } from '../../compiler/explain.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Context } from '../program.ts';
import { findDag } from '../project.ts';
import { renderExplain } from '../render-explain.ts';
import { renderMermaid } from '../render-mermaid.ts';
import { renderSvg } from '../render-svg.ts';
import { renderText } from '../render-text.ts';

export interface ShowOptions {
  readonly asl?: boolean;
  readonly svg?: boolean;
  readonly mermaid?: boolean;
  readonly explain?: boolean;
}

/** Shows one DAG in one of its forms; `--json` gives the manifest, the plan, and the form asked for. */
export async function show(context: Context, dagId: string, options: ShowOptions): Promise<ExitCode> {
  const { dag } = await findDag(context, dagId);
  const compiled = compile(dag);
  const { definition, manifest, plan } = compiled;
  const { terminal } = context;
  if (options.asl === true) {
    terminal.json(definition);
    terminal.print(JSON.stringify(definition, null, 2));
  } else if (options.svg === true) {
    terminal.json({ svg: renderSvg(manifest) });
    terminal.print(renderSvg(manifest));
  } else if (options.mermaid === true) {
    terminal.json({ mermaid: renderMermaid(manifest) });
    terminal.print(renderMermaid(manifest));
  } else if (options.explain === true) {
    const states = explain(compiled);
    terminal.json({ states });
    terminal.print(renderExplain(dag.id, states, terminal));
  } else {
    terminal.json({ manifest, plan });
    terminal.print(renderText(dag, manifest, terminal));
  }
  return EXIT.ok;
}
