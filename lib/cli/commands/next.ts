import { describeSchedule } from '../../schedule/describe.ts';
import { zoneOf } from '../../schedule/run-interval.ts';
import { zonedDate } from '../../schedule/zone.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findHead, newestVersion } from '../ledger/find-run.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { columns, durationText } from '../words.ts';
import { wholeNumber } from './runs.ts';

/** The next runs of a DAG's schedule: which intervals, and when, here and in UTC. */
export function next(
  context: Context,
  dagId: string,
  options: LedgerOptions & { readonly count: string },
): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(
    context,
    { ...options, load: true },
    async ({ store, acts, clock, dev, environment, suffix }) => {
      const amount = wholeNumber('next', 'count', options.count, 1000);
      const head = await findHead(store, 'next', dagId);
      const { dag } = await newestVersion(store, head);
      const runs = await acts.next(dagId, amount);
      const zone = zoneOf(dag.schedule);
      terminal.json({ dag: dagId, schedule: head.schedule, zone, paused: head.paused, runs });
      const isUtc = zone === 'UTC';
      const titles = ['logical date', 'runs at (UTC)', ...(isUtc ? [] : [`in ${zone}`]), ''].map((title) =>
        terminal.paint('gray', title),
      );
      const rows = runs.map(({ logicalDate, runAt }) => [
        logicalDate,
        runAt,
        ...(isUtc ? [] : [localText(runAt, zone)]),
        `in ${awayText(Date.parse(runAt) - clock.now())}`,
      ]);
      terminal.print(`${terminal.paint('bold', dagId)}  ${describeSchedule(dag.schedule)}`);
      if (rows.length === 0) terminal.print('no more runs: nothing of its schedule is left');
      else terminal.print(columns([titles, ...rows]).join('\n'));
      if (head.paused) terminal.print(`paused: none of them is made before tutti unpause ${dagId}${suffix}`);
      else if (dev === undefined && environment === undefined && rows.length > 0)
        terminal.print('no tutti dev has this project: they are made once one has');
      return EXIT.ok;
    },
  );
}

function localText(instant: string, zone: string): string {
  const { year, month, day, hour, minute } = zonedDate(Date.parse(instant), zone);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`;
}

function awayText(ms: number): string {
  const hours = Math.round(ms / 3_600_000);
  if (hours < 24) return durationText(Math.max(0, ms));
  return [`${Math.floor(hours / 24)}d`, ...(hours % 24 === 0 ? [] : [`${hours % 24}h`])].join(' ');
}
