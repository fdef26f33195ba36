/** A record of a CSV file by RFC 4180, with the line break that ends it. */
export function csvRecord(fields: readonly string[]): string {
  return `${fields.map(quoteField).join(',')}\r\n`;
}

function quoteField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
