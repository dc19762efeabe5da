/** A plan for a person at a terminal. */
import type { LimitUse, PlanReport, Price } from '../compiler/report.ts';
import type { Terminal } from './terminal.ts';
import { clip, columns, count, durationText } from './words.ts';

export interface PlanView {
  /** The run whose durations are used; absent: every task is taken to be as long as any other. */
  readonly measured: string | undefined;
  readonly terminal: Pick<Terminal, 'paint'>;
}

/** What a run costs and why, what would make it cheaper: ready to print. */
export function renderPlan(report: PlanReport, view: PlanView): string {
  const { paint } = view.terminal;
  const parts = [
    [paint('bold', report.dag), ...columns(costRows(report, view))],
    titled(paint('bold', 'at most, of what Step Functions allows'), limitRows(report)),
    titled(paint('bold', nestedTitle(report)), machineRows(report)),
    titled(paint('bold', latchTitle(report)), latchRows(report)),
    titled(paint('bold', 'cheaper'), cheaperRows(report)),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function titled(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : [title, ...columns(rows.map((row) => ['', ...row]))];
}

function costRows(report: PlanReport, { measured, terminal }: PlanView): readonly (readonly string[])[] {
  const { run, month, critical } = report;
  const { paint } = terminal;
  const way = clip(critical.tasks.map(({ id }) => id).join(' → '), 90);
  const size = `${count(report.tasks, 'task')}, ${count(report.states, 'state')}`;
  const longest =
    measured === undefined
      ? `${count(critical.tasks.length, 'task')}: ${way}`
      : `${durationText(critical.seconds * 1000)}: ${way} (as in run ${measured})`;
  return [
    ['', paint('gray', 'size'), size],
    [
      '',
      paint('gray', 'a run'),
      `${priceText(run.expected)} if all goes well; at most ${priceText(run.worst)}`,
    ],
    ...onceRows(report).map((text, index) => ['', index === 0 ? paint('gray', 'more') : '', text]),
    [
      '',
      paint('gray', 'a month'),
      month.runs === 0
        ? 'nothing: it runs only when somebody starts it'
        : `${runsText(month.runs)}, ${dollarText(month.expected.dollars)}; at most ${dollarText(month.worst.dollars)}`,
    ],
    ['', paint('gray', 'longest way'), longest],
  ];
}

/** What `if all goes well` counts once, and may come more often. */
function onceRows({ once }: PlanReport): readonly string[] {
  const maps = once.maps.map(
    ({ module, transitions }) => `each further item of ${module} takes ${count(transitions, 'transition')}`,
  );
  const sensors = once.sensors.map((id) => `each further look of ${id} takes 1 transition`);
  return shownTexts([...maps, ...sensors]);
}

function shownTexts(texts: readonly string[]): readonly string[] {
  return shown(texts.map((text) => [text])).flat();
}

/** `30 runs`, `4.3 runs`, `0.25 runs`. */
function runsText(runs: number): string {
  const shown = runs >= 10 ? Math.round(runs) : Number(runs.toPrecision(2));
  return `${shown.toLocaleString('en-US')} ${shown === 1 ? 'run' : 'runs'}`;
}

function priceText({ transitions, dollars }: Price): string {
  return `${amountText(transitions)} transitions, ${dollarText(dollars)}`;
}

/** Two digits that say something: `$0.0012`, `$3.40`, `$1,200`. */
function dollarText(dollars: number): string {
  if (!Number.isFinite(dollars)) return 'without end';
  if (dollars >= 100) return `$${Math.round(dollars).toLocaleString('en-US')}`;
  if (dollars >= 0.1 || dollars === 0) return `$${dollars.toFixed(2)}`;
  return `$${Number(dollars.toPrecision(2)).toString()}`;
}

function amountText(amount: number): string {
  return Number.isFinite(amount) ? Math.round(amount).toLocaleString('en-US') : 'endless';
}

const LIMITS: Readonly<Record<LimitUse['what'], { readonly name: string; readonly bytes: boolean }>> = {
  events: { name: 'history events of one execution', bytes: false },
  bytes: { name: 'bytes of one definition', bytes: true },
  codes: { name: 'codes of failed and skipped tasks', bytes: true },
  outputs: { name: 'outputs that one Parallel hands on', bytes: true },
};

function limitRows({ limits }: PlanReport): readonly (readonly string[])[] {
  return limits
    .filter(({ worst }) => worst > 0)
    .map(({ what, expected, worst, allowed }) => {
      const { name, bytes } = LIMITS[what];
      const text = bytes ? bytesText : amountText;
      const share = worst > allowed ? 'too much' : `${Math.ceil((100 * worst) / allowed)} %`;
      const well = expected === undefined || expected === 0 ? '' : `${text(expected)} if all goes well`;
      return [name, text(worst), `of ${text(allowed)}`, share, well];
    });
}

function bytesText(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${amountText(bytes / 1024)} KiB`;
}

function nestedTitle({ machines }: PlanReport): string {
  return `divided into ${count(machines.length, 'machine')}`;
}

function machineRows({ machines, dag }: PlanReport): readonly (readonly string[])[] {
  if (machines.length < 2) return [];
  return shown(
    machines.map(({ name, states, bytes }) => [
      name === '' ? dag : name,
      count(states, 'state'),
      bytesText(bytes),
    ]),
  );
}

function latchTitle({ latches }: PlanReport): string {
  return `${count(latches.length, 'latch').replace('latchs', 'latches')}: orders that no sequence and no Parallel expresses`;
}

function latchRows({ latches }: PlanReport): readonly (readonly string[])[] {
  return shown(
    latches.map(({ producer, waiter, why, sleeps }) => {
      const edges = why.map(({ from, to }) => `${from} → ${to}`);
      const because = edges.length > 3 ? [...edges.slice(0, 3), `${edges.length - 3} more`] : edges;
      return [
        clip(waiter, 40),
        `waits for ${clip(producer, 40)}`,
        sleeps ? 'asleep' : 'usually set before',
        `because of ${because.join(', ')}`,
      ];
    }),
  );
}

function cheaperRows({ cheaper }: PlanReport): readonly (readonly string[])[] {
  return shown(
    cheaper.map(({ change, but, transitions }) => [
      `−${amountText(transitions)} transitions`,
      change,
      `but ${but}`,
    ]),
  );
}

/** Rows that a person reads; the rest is in `--json`. */
const MOST_ROWS = 12;

function shown(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (rows.length <= MOST_ROWS) return rows;
  return [...rows.slice(0, MOST_ROWS - 1), [`and ${rows.length - MOST_ROWS + 1} more (--json has them all)`]];
}
