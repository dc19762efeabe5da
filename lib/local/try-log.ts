import type { Clock } from '../base/clock.ts';
import type { LogLine } from '../model/log-line.ts';
import type { TaskEvent } from '../model/run-input.ts';
import { lineText, taskLog } from '../runtime/task-log.ts';
import type { RunFolder } from './run-folder.ts';
import type { TryLog } from './run-task.ts';

export interface TaskLogLine extends LogLine {
  readonly task: string;
  /** Of a task that may run several times in a run: `3`, `2.0`. */
  readonly instance?: string;
  readonly try: number;
}

export interface TryLogOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly onLog?: ((line: TaskLogLine) => void) | undefined;
}

/** A log whose file is created by its first line; what was written before a task's code runs is on disk by then. */
export function openTryLog(folder: RunFolder, event: TaskEvent, { clock, onLog }: TryLogOptions): TryLog {
  let file: ReturnType<RunFolder['log']> | undefined;
  let over = false;
  folder.events.flush();
  const log = taskLog(
    () => clock.now(),
    (line) => {
      if (over) return;
      file ??= folder.log(event);
      file.write(lineText(line));
      onLog?.({ ...line, ...tryOf(event) });
    },
  );
  return {
    log,
    close() {
      over = true;
      file?.close();
    },
  };
}

function tryOf({ task, instance, try: tryNumber }: TaskEvent): Omit<TaskLogLine, keyof LogLine> {
  return { task, ...(instance === undefined ? {} : { instance }), try: tryNumber };
}
