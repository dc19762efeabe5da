import { toSeconds } from '../../base/duration.ts';
import type { Problem } from '../../base/errors.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { DagNode } from '../../model/dag.ts';
import type { ScheduleNode } from '../../model/schedule.ts';
import { parseCron } from '../../schedule/cron.ts';
import { instantOf, isTimeZone, nearestTimeZone } from '../../schedule/zone.ts';
import { dagPath, place, shown } from './rule.ts';

interface Breach {
  readonly field: string;
  readonly message: string;
  readonly remedy?: string;
}

type Of<Kind extends ScheduleNode['kind']> = Extract<ScheduleNode, { kind: Kind }>;

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const DST: Readonly<Record<string, readonly string[]>> = {
  gap: ['skip', 'after', 'before'],
  overlap: ['first', 'second', 'both'],
};

/** The schedule can be read: cron, zone, period, dates, and the instants it starts and ends at. */
export function schedule(dag: DagNode): readonly Problem[] {
  const found = [...ofSchedule(dag.schedule, 'schedule', dag.start), ...activeRuns(dag), ...ofBounds(dag)];
  return found.map(({ field, ...text }) => ({
    code: 'schedule',
    path: dagPath(dag, field),
    ...text,
    ...place(dag),
  }));
}

/** What `dag()` took from the DAG's start is told as the start. */
function ofSchedule(node: ScheduleNode, field: string, start: string | undefined): readonly Breach[] {
  switch (node.kind) {
    case 'manual':
    case 'continuous':
      return [];
    case 'cron':
      return [
        ...cron(node.preset ?? node.expression, field),
        ...zone(node.timezone, field),
        ...dst(node, field),
        ...period(`${field}.jitter`, node.jitter),
        ...interval(node.interval, field),
      ];
    case 'every':
      return [
        ...period(`${field}.every`, node.period, true),
        ...(node.anchor === start ? [] : instant(`${field}.anchor`, node.anchor)),
        ...interval(node.interval, field),
      ];
    case 'dates':
      return [...dates(node, field), ...zone(node.timezone, field), ...interval(node.interval, field)];
    case 'union':
      return union(node, field, start);
    case 'once':
      return node.at === start ? [] : instant(`${field}.once`, node.at);
    default:
      return unreachable(node);
  }
}

function interval(kind: unknown, field: string): readonly Breach[] {
  if (kind === 'data' || kind === 'trigger') return [];
  return [{ field: `${field}.interval`, message: `must be data or trigger, got ${shown(kind)}` }];
}

function dates({ dates: list, timezone, interval: kind }: Of<'dates'>, field: string): readonly Breach[] {
  const at = `${field}.dates`;
  if (list.length === 0)
    return [{ field: at, message: 'must name a date, got none', remedy: "write dates(['2026-01-31'])" }];
  const wrong = list.flatMap((text, index) => instant(`${at}[${index}]`, text));
  if (wrong.length > 0 || !isTimeZone(timezone)) return wrong;
  for (let index = 1; index < list.length; index++) {
    const [before = '', text = ''] = list.slice(index - 1, index + 1);
    const later = instantOf(text, timezone) - instantOf(before, timezone);
    if (later > 0) continue;
    const rule = later === 0 ? 'name each instant once' : 'ascend';
    return [{ field: `${at}[${index}]`, message: `must ${rule}, got ${text} after ${before}` }];
  }
  if (kind !== 'data' || list.length > 1) return [];
  const remedy = "add the date that ends it, or write interval: 'trigger' to run at the date";
  return [{ field: at, message: 'must bound an interval by two dates, got 1', remedy }];
}

function union({ of, interval: kind }: Of<'union'>, field: string, start?: string): readonly Breach[] {
  const at = `${field}.union`;
  if (of.length === 0)
    return [
      { field: at, message: 'must have schedules, got none', remedy: "write union('@daily', '@monthly')" },
    ];
  return of.flatMap((member, index): readonly Breach[] => {
    const place = `${at}[${index}]`;
    if (member.kind === 'manual' || member.kind === 'continuous')
      return [
        {
          field: place,
          message: `must be a schedule with ticks, got ${member.kind}`,
          remedy: 'leave it out',
        },
      ];
    const own = ofSchedule(member, place, start);
    if (own.length > 0 || member.interval === kind) return own;
    const remedy = `write interval: '${kind}' in it, or the same in all`;
    return [
      {
        field: `${place}.interval`,
        message: `must be that of the others (${kind}), got ${member.interval}`,
        remedy,
      },
    ];
  });
}

/** What is continuous follows itself: a second run at the same time would be for the same time. */
function activeRuns({ schedule: node, maxActiveRuns }: DagNode): readonly Breach[] {
  if (!Number.isInteger(maxActiveRuns) || maxActiveRuns < 1)
    return [
      {
        field: 'maxActiveRuns',
        message: `must be a whole number from 1 on, got ${shown(maxActiveRuns)}`,
        remedy: 'leave it out for 16; tutti pause holds a schedule back',
      },
    ];
  if (node.kind !== 'continuous' || maxActiveRuns === 1) return [];
  const remedy = 'leave it out: what is continuous runs one at a time';
  return [
    { field: 'maxActiveRuns', message: `must be 1 of a continuous schedule, got ${maxActiveRuns}`, remedy },
  ];
}

function cron(expression: string, field: string): readonly Breach[] {
  const result = parseCron(expression);
  if (result.ok) return [];
  const { message, remedy } = result;
  return [
    {
      field: `${field}.cron ${shown(expression)}`,
      message,
      remedy: remedy ?? "every day at 02:00 is '0 2 * * *'",
    },
  ];
}

function zone(timezone: string, field: string): readonly Breach[] {
  if (isTimeZone(timezone)) return [];
  const near = nearestTimeZone(timezone);
  return [
    {
      field: `${field}.timezone`,
      message: `must be an IANA time zone, got ${shown(timezone)}`,
      remedy: near === undefined ? "write a name like 'Europe/Berlin', or 'UTC'" : `did you mean "${near}"?`,
    },
  ];
}

function dst(node: Of<'cron'>, path: string): readonly Breach[] {
  return Object.entries(node.dst ?? {}).flatMap(([field, value]) => {
    const allowed = DST[field];
    if (allowed?.includes(value)) return [];
    const message =
      allowed === undefined
        ? `must be gap or overlap, got ${shown(field)}`
        : `must be ${allowed.join(', ')}, got ${shown(value)}`;
    return [{ field: `${path}.dst.${field}`, message }];
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
