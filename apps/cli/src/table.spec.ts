import * as fc from 'fast-check';
import { type Column, formatTable } from './table';

interface Row {
  readonly name: string;
  readonly size: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name, widthMin: 6 },
  { title: 'SIZE', value: ({ size }) => size, align: 'right', widthMin: 4 },
];
const LONG = 'a name that is rather long';

describe('formatTable', () => {
  it('aligns columns under their titles, numbers on the right', () => {
    const rows = [
      { name: 'a', size: '1' },
      { name: 'bcdef', size: '12345' },
    ];
    expect(formatTable(rows, { columns, widthMax: Infinity })).toBe(
      ['NAME    SIZE', 'a          1', 'bcdef  12345'].join('\n'),
    );
  });

  it('cuts the widest column first, with an ellipsis', () => {
    const rows = [{ name: LONG, size: '12 kB' }];
    expect(formatTable(rows, { columns, widthMax: 20 })).toBe(
      ['NAME            SIZE', 'a name that …  12 kB'].join('\n'),
    );
  });

  it('cuts no character in two', () => {
    const rows = [{ name: '🐱🐱🐱🐱', size: '1' }];
    expect(formatTable(rows, { columns, widthMax: 12 })).toBe(
      ['NAME    SIZE', '🐱🐱…      1'].join('\n'),
    );
  });

  it('never cuts below the least width of a column or its title', () => {
    const rows = [{ name: LONG, size: '123456789' }];
    expect(formatTable(rows, { columns, widthMax: 1 })).toBe(
      ['NAME    SIZE', 'a nam…  123…'].join('\n'),
    );
  });

  it.each([
    ['a\nb', 'a b'],
    ['a\r\n\tb', 'a b'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['a\u0007b', 'a b'],
    ['a\u202eb', 'a b'],
    ['a\u2028b', 'a b'],
  ])('lets no text break a line or steer the terminal: %j', (name, shown) => {
    const table = formatTable([{ name, size: '1' }], { columns, widthMax: Infinity });
    expect(table.split('\n')[1]?.slice(0, shown.length)).toBe(shown);
    expect(table.split('\n')).toHaveLength(2);
  });

  it('fits any width that its least widths allow, whatever the rows', () => {
    const row = fc.record({ name: fc.string(), size: fc.string() });
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 12, max: 80 }), (rows, widthMax) => {
        const lines = formatTable(rows, { columns, widthMax }).split('\n');
        expect(lines).toHaveLength(rows.length + 1);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(widthMax);
      }),
    );
  });
});
