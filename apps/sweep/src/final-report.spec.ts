import { timeReport } from './final-report';

describe('timeReport()', () => {
  it('timeReport() says how long trials ran, and nothing if none did', () => {
    expect(timeReport(new Map())).toEqual([]);
    expect(timeReport(new Map([[3, 2040]]))).toEqual(['1 trial ran for 2.0 s']);
    expect(timeReport(new Map([[1, 61_000], [2, 4100]]))).toEqual(['2 trials ran for 4.1 s to 61 s each']); // prettier-ignore
    expect(timeReport(new Map([[1, 4101], [2, 4100]]))).toEqual(['2 trials ran for 4.1 s each']); // prettier-ignore
  });
});
