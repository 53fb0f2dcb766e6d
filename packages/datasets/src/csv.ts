import { FormatError } from '@anomclip/core';

/**
 * Rows of a CSV file with a header line, as in RFC 4180: fields may be in double quotes, which may then hold commas,
 * line breaks and doubled quotes; lines end with LF or CRLF. Empty lines are skipped.
 *
 * @param columns - Names that the header must hold, in any order, among others.
 * @returns One record per row, with the wanted columns, and the line it starts on.
 * @throws FormatError when a column is missing, a quote is not closed, or a row has another number of fields.
 */
export function parseCsv<Column extends string>(
  text: string,
  columns: readonly Column[],
): (Readonly<Record<Column, string>> & { readonly line: number })[] {
  const [header, ...rows] = splitRows(text.replace(/^\uFEFF/, ''));
  const names = header?.fields.map((name) => name.trim()) ?? [];
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw new FormatError(
      'CSV',
      `no column ${missing.join(', ')}`,
      `the header is ${names.join(', ').slice(0, 120)}`,
    );
  }
  return rows.map(({ fields, line }) => {
    if (fields.length !== names.length) {
      throw new FormatError('CSV', `line ${line} has ${fields.length} fields, the header ${names.length}`);
    }
    const record = Object.fromEntries(columns.map((column) => [column, fields[names.indexOf(column)]]));
    return { ...(record as Record<Column, string>), line };
  });
}

interface Row {
  readonly fields: readonly string[];
  readonly line: number;
}

function splitRows(text: string): Row[] {
  const rows: Row[] = [];
  // A field, in quotes or not, and what ends it. Sticky: a place where it does not match is an error.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let fields: string[] = [];
  let [line, startLine] = [1, 1];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) throw new FormatError('CSV', `line ${line}: a quote out of place, or not closed`);
    const [whole, quoted, plain, end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    if (end === ',' && field.lastIndex < text.length) continue;
    if (end === ',') fields.push(''); // the file ends with a comma: an empty last field
    if (fields.length > 1 || fields[0] !== '') rows.push({ fields, line: startLine });
    fields = [];
    startLine = line;
  }
  return rows;
}
