/** The log of a try: lines of JSON on standard output, which Lambda hands to CloudWatch as they are. */
import type { DeployedLogLine } from '../../deployment/log-line.ts';
import type { Log } from '../../model/context.ts';
import type { LogLine } from '../../model/log-line.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import { lineText, taskLog } from '../../runtime/task-log.ts';
import type { Redaction } from './redaction.ts';

/** Longest message, and longest fields as JSON, characters: an event of CloudWatch has at most 256 KB. */
const MAX_CHARS = 30_000;

export interface TryLog {
  readonly log: Log;
  /** From here on nothing is written: what a try left running is nobody's business. */
  readonly close: () => void;
}

export interface TryLogOptions {
  readonly nowMs: () => number;
  /** Writes one line, whose end is not in it. */
  readonly write: (line: string) => void;
  readonly redaction: Redaction;
}

export function openTryLog(event: TaskEvent, { nowMs, write, redaction }: TryLogOptions): TryLog {
  const of = tryOf(event);
  let over = false;
  const log = taskLog(nowMs, (line) => {
    if (over) return;
    const told: DeployedLogLine = { ...of, ...toldOf(line, redaction) };
    write(JSON.stringify(told));
  });
  return {
    log,
    close: () => {
      over = true;
    },
  };
}

/** A line as it may be read by everybody. */
function toldOf({ fields, ...line }: LogLine, redaction: Redaction): LogLine {
  const message = cut(redaction.text(line.message));
  if (fields === undefined) return { ...line, message };
  // Through text: what is no JSON in fields never fails a task.
  const { fields: plain } = JSON.parse(lineText({ ...line, fields }));
  const told = redaction.json(plain) as object;
  const text = JSON.stringify(told);
  return { ...line, message, fields: text.length > MAX_CHARS ? { text: cut(text) } : told };
}

function cut(text: string): string {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}… (${text.length} characters)` : text;
}

function tryOf({ execution: { run }, task, try: tryNumber, instance, mapIndex }: TaskEvent) {
  return {
    dag: run.dagId,
    run: run.id,
    attempt: run.attempt,
    task,
    try: tryNumber,
    ...(instance === undefined ? {} : { instance }),
    ...(mapIndex === undefined ? {} : { mapIndex }),
  };
}
