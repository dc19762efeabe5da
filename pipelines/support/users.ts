/** Sign-ups derived from real places: every call for one day gives the same users. */
import { csvRows, datasetFiles } from './datasets.ts';

/** What they are derived from. */
export const USER_FILES = datasetFiles('zipcodes.csv');

const PER_DAY = 200;
const DAY_MS = 86_400_000;

/** A day's users as CSV. `deliver` names the mistake to make, `'good'` none. */
export async function signUpsOf(day: string, deliver: string): Promise<string> {
  const places = await csvRows('zipcodes.csv');
  const first = ((Date.parse(day) / DAY_MS) * PER_DAY) % places.length;
  const rows = Array.from({ length: PER_DAY }, (_, index) => {
    const place = places[(first + index) % places.length] ?? {};
    return [
      `${day}-${String(index + 1).padStart(3, '0')}`,
      day,
      place['zip_code'],
      place['city'],
      place['state'],
      place['latitude'],
      place['longitude'],
    ];
  });
  const [mistaken] = rows;
  if (deliver === 'missing-city') mistaken?.splice(3, 1, '');
  if (deliver === 'off-the-map') mistaken?.splice(5, 1, '-90.5');
  const header =
    deliver === 'other-columns'
      ? 'id,day,zip,city,state,lat,lon'
      : 'id,signed_up,zip,city,state,latitude,longitude';
  return `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`;
}
