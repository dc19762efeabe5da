/** Instants of requests, as stores compare them: text, ISO 8601, UTC. */
import { isoText } from '../schedule/run-interval.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** The instant; of a day, its first. */
export function firstText(text: string): string {
  return isoText(Date.parse(text));
}

/** The instant; of a day, its last second. */
export function lastText(text: string): string {
  return isoText(lastMs(text));
}

export function lastMs(text: string): number {
  return DAY.test(text) ? Date.parse(text) + DAY_MS - 1_000 : Date.parse(text);
}

/** Seconds since the epoch; `null` for nothing. */
export function secondsAt(text: string | undefined): number | null {
  return text === undefined ? null : Math.floor(Date.parse(text) / 1000);
}
