/** Names of what may come of a job that a DAG's function starts and looks at, as far as machines know them. */

/** Not permitted, not found, malformed, or of a run that is being cancelled: another try does not mend it. */
export const REFUSED = 'Engine.Refused';

/** It went on past the task's time, and was cancelled. */
export const JOB_TIMEOUT = 'Engine.JobTimeout';
