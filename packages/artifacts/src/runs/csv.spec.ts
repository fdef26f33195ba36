import { csvRecord } from './csv';

describe('csvRecord', () => {
  it('csvRecord() separates by commas and ends in CRLF', () => {
    expect(csvRecord(['a', '', 'c d'])).toBe('a,,c d\r\n');
  });

  it('csvRecord() quotes commas, quotes and line breaks', () => {
    expect(csvRecord(['a,b', 'say "x"', 'c\nd'])).toBe('"a,b","say ""x""","c\nd"\r\n');
  });
});
