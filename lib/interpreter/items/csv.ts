import type { Json } from '../../base/json.ts';

const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

/** Where the names of the columns are, and what separates them. */
interface CsvFormat {
  readonly CSVHeaderLocation?: Json;
  readonly CSVHeaders?: Json;
  readonly CSVDelimiter?: Json;
}

/**
 * The rows as objects of texts: a missing cell is the empty text, a cell beyond the columns is dropped.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/itemreader-readerconfig.html
 */
export function parseCsv(text: string, format: CsvFormat): readonly Json[] {
  const rows = parseRows(text, DELIMITERS[String(format.CSVDelimiter ?? 'COMMA')] ?? ',');
  const isGiven = format.CSVHeaderLocation === 'GIVEN';
  const headers =
    isGiven && Array.isArray(format.CSVHeaders) ? format.CSVHeaders.map(String) : (rows.shift() ?? []);
  if (new Set(headers).size < headers.length) throw new Error('CSV headers cannot contain duplicates.');
  return rows.map((cells) =>
    Object.fromEntries(headers.map((header, index) => [header, cells[index] ?? ''])),
  );
}

/** Cells by row; quotes as RFC 4180, empty lines left out. @see https://www.rfc-editor.org/rfc/rfc4180 */
function parseRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell);
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  const outside = (letter: string) => {
    if (letter === '"' && cell === '') isQuoted = true;
    else if (letter === delimiter) endCell();
    else if (letter === '\n') endRow();
    else if (letter !== '\r') cell += letter;
  };
  for (let index = 0; index < text.length; index++) {
    const letter = text.charAt(index);
    if (!isQuoted) outside(letter);
    else if (letter !== '"') cell += letter;
    else if (text.charAt(index + 1) === '"') {
      cell += '"';
      index += 1;
    } else isQuoted = false;
  }
  endRow();
  return rows;
}
