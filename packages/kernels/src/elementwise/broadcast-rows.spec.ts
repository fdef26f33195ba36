import { broadcastRows } from './broadcast-rows';

describe('broadcastRows()', () => {
  it('reads tensors of one shape as a single row', () => {
    expect(broadcastRows([2, 3, 4], [2, 3, 4], [2, 3, 4])).toEqual({
      rows: 1,
      columns: 24,
      left: { rowStride: 0, columnStride: 1, starts: [0] },
      right: { rowStride: 0, columnStride: 1, starts: [0] },
    });
  });

  it('reads a scalar as one entry for the whole row', () => {
    expect(broadcastRows([5, 7], [5, 7], [])).toMatchObject({
      rows: 1,
      columns: 35,
      right: { columnStride: 0, starts: [0] },
    });
  });

  it('repeats a row over the rows of all outer dimensions', () => {
    expect(broadcastRows([2, 3, 4], [2, 3, 4], [4])).toMatchObject({
      rows: 6,
      columns: 4,
      left: { rowStride: 4, columnStride: 1 },
      right: { rowStride: 0, columnStride: 1 },
    });
  });

  it('takes one entry of a column for each row', () => {
    expect(broadcastRows([6, 4], [6, 4], [6, 1])).toMatchObject({
      rows: 6,
      columns: 4,
      right: { rowStride: 1, columnStride: 0 },
    });
  });

  it('gives a matrix for each index of the dimensions that are left', () => {
    expect(broadcastRows([2, 3, 4, 5], [2, 1, 4, 1], [3, 1, 5])).toEqual({
      rows: 4,
      columns: 5,
      left: { rowStride: 1, columnStride: 0, starts: [0, 0, 0, 4, 4, 4] },
      right: { rowStride: 0, columnStride: 1, starts: [0, 5, 10, 0, 5, 10] },
    });
  });

  it('has one entry for scalars', () => {
    expect(broadcastRows([], [], [1])).toMatchObject({ rows: 1, columns: 1 });
  });
});
