/** Something that a second run for the same interval left, or gave, otherwise than the first. */
export interface Difference {
  /** `state`: what became of a task; `value`: what a task gave. */
  readonly kind: 'file' | 'table' | 'value' | 'state';
  /** Path of the file, `connection.table`, or id of the task. */
  readonly name: string;
  /** `3 rows, then 6`. */
  readonly got: string;
  /** Tasks that wrote it. Absent: not known. */
  readonly by?: readonly string[];
}

/** A file that a function wrote. */
export interface Write {
  readonly task: string;
  readonly path: string;
}
