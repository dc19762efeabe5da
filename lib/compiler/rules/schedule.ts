import { toSeconds } from '../../base/duration.ts';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { ScheduleNode } from '../../model/schedule.ts';
import { parseCron } from '../../schedule/cron.ts';
import { isTimeZone, nearestTimeZone } from '../../schedule/zone.ts';
import { dagPath, place, shown } from './rule.ts';

interface Breach {
  readonly field: string;
  readonly message: string;
  readonly remedy?: string;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const DST: Readonly<Record<string, readonly string[]>> = {
  gap: ['skip', 'after', 'before'],
  overlap: ['first', 'second', 'both'],
};

/** The schedule can be read: cron, zone, period, and the instants it starts and ends at. */
export function schedule(dag: DagNode): readonly Problem[] {
  const found = [...ofSchedule(dag.schedule), ...ofBounds(dag)];
  return found.map(({ field, ...text }) => ({
    code: 'schedule',
    path: dagPath(dag, field),
    ...text,
    ...place(dag),
  }));
}

function ofSchedule(node: ScheduleNode): readonly Breach[] {
  if (node.kind === 'cron')
    return [
      ...cron(node.preset ?? node.expression),
      ...zone(node.timezone),
      ...dst(node),
      ...period('schedule.jitter', node.jitter),
    ];
  if (node.kind !== 'every') return [];
  return [...period('schedule.every', node.period, true), ...instant('schedule.anchor', node.anchor)];
}

function cron(expression: string): readonly Breach[] {
  const result = parseCron(expression);
  if (result.ok) return [];
  const { message, remedy } = result;
  return [
    {
      field: `schedule.cron ${shown(expression)}`,
      message,
      remedy: remedy ?? "every day at 02:00 is '0 2 * * *'",
    },
  ];
}

function zone(timezone: string): readonly Breach[] {
  if (isTimeZone(timezone)) return [];
  const near = nearestTimeZone(timezone);
  return [
    {
      field: 'schedule.timezone',
      message: `must be an IANA time zone, got ${shown(timezone)}`,
      remedy: near === undefined ? "write a name like 'Europe/Berlin', or 'UTC'" : `did you mean "${near}"?`,
    },
  ];
}

function dst(node: Extract<ScheduleNode, { kind: 'cron' }>): readonly Breach[] {
  return Object.entries(node.dst ?? {}).flatMap(([field, value]) => {
    const allowed = DST[field];
    if (allowed?.includes(value)) return [];
    const message =
      allowed === undefined
        ? `must be gap or overlap, got ${shown(field)}`
        : `must be ${allowed.join(', ')}, got ${shown(value)}`;
    return [{ field: `schedule.dst.${field}`, message }];
  });
}

function period(field: string, value: unknown, required = false): readonly Breach[] {
  if (value === undefined && !required) return [];
  const seconds = toSeconds(value);
  if (seconds !== undefined && Number.isInteger(seconds / 60) && seconds >= 60) return [];
  return [
    {
      field,
      message: `must be whole minutes, at least 1, got ${shown(value)}`,
      remedy: "write '15m', '2h' or '1d'",
    },
  ];
}

function ofBounds(dag: DagNode): readonly Breach[] {
  const breaches = [...instant('start', dag.start), ...instant('end', dag.end)];
  if (breaches.length > 0 || dag.start === undefined || dag.end === undefined) return breaches;
  if (Date.parse(dag.start) < Date.parse(dag.end)) return [];
  return [
    {
      field: 'end',
      message: `must be after start (${dag.start}), got ${dag.end}`,
      remedy: 'swap the two, or leave end out',
    },
  ];
}

function instant(field: string, value: unknown): readonly Breach[] {
  if (value === undefined) return [];
  if (typeof value === 'string' && INSTANT.test(value) && isCalendarDay(value)) return [];
  const remedy = "write '2026-01-31' or '2026-01-31T02:00:00Z'";
  return [
    { field, message: `must be a date or an instant of ISO 8601 with a zone, got ${shown(value)}`, remedy },
  ];
}

/** February 30 is parsed as March 2. */
function isCalendarDay(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(Date.parse(text)) && new Date(midnight).toISOString().startsWith(day);
}
