/** Ticket orders derived from real flights: every call for one day gives the same orders. */
import { readFile } from 'node:fs/promises';
import { dataset, datasetFiles } from './datasets.ts';

/** One order as the shop's API gives it. */
export interface Order {
  readonly id: string;
  /** `2026-01-05`. */
  readonly day: string;
  readonly region: Region;
  readonly customer: string;
  readonly route: string;
  readonly miles: number;
  readonly amount: number;
  /** A flight more than three hours late is paid back. */
  readonly status: 'paid' | 'refunded';
}

export type Region = 'east' | 'central' | 'west';

/** What they are derived from. */
export const ORDER_FILES = datasetFiles('flights-20k.json', 'airports.csv');

interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

const DAY_MS = 86_400_000;
let flightsByDay: Promise<readonly (readonly Flight[])[]> | undefined;
let longitudes: Promise<ReadonlyMap<string, number>> | undefined;

/** The orders of a day: the file has 90 days of flights, so day *n* since 1970 sells the flights of day *n* mod 90. */
export async function ordersOf(day: string): Promise<readonly Order[]> {
  flightsByDay ??= readFlights();
  longitudes ??= readLongitudes();
  const [days, places] = await Promise.all([flightsByDay, longitudes]);
  const flights = days[(Date.parse(day) / DAY_MS) % days.length] ?? [];
  return flights.map((flight, index) => ({
    id: `${day}/${String(index + 1).padStart(4, '0')}`,
    day,
    region: regionOf(places.get(flight.origin)),
    customer: `${flight.destination}-${String(flight.distance % 97).padStart(2, '0')}`,
    route: `${flight.origin}-${flight.destination}`,
    miles: flight.distance,
    amount: (4900 + flight.distance * 11) / 100,
    status: flight.delay > 180 ? 'refunded' : 'paid',
  }));
}

/** Day by day; the file is sorted by time. */
async function readFlights(): Promise<readonly (readonly Flight[])[]> {
  const flights: readonly Flight[] = JSON.parse(await readFile(dataset('flights-20k.json'), 'utf8'));
  const days = new Map<string, Flight[]>();
  for (const flight of flights) {
    const day = flight.date.slice(0, 10);
    const others = days.get(day);
    if (others === undefined) days.set(day, [flight]);
    else others.push(flight);
  }
  return [...days.values()];
}

/** Longitude by airport code; it is the last column, so commas in quoted names do no harm. */
async function readLongitudes(): Promise<ReadonlyMap<string, number>> {
  const lines = (await readFile(dataset('airports.csv'), 'utf8')).trim().split(/\r?\n/).slice(1);
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(',')), Number(line.slice(line.lastIndexOf(',') + 1))]),
  );
}

function regionOf(longitude = -90): Region {
  if (longitude < -105) return 'west';
  return longitude < -87 ? 'central' : 'east';
}
