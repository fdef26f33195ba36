import { DATA_TYPES } from '../protocol/saved-model';
import { ATTRIBUTE_KINDS, completeAttributes } from './complete-attributes';

describe('completeAttributes', () => {
  const inputs = [
    { dataId: {}, shape: [2], dtype: 'float32' },
    { dataId: {}, shape: [], dtype: 'int32' },
  ];
  const type = (name: string, value: number) => ({ name, type: ATTRIBUTE_KINDS.type, value });

  it('adds the types that the kernel of ExpandDims leaves out', () => {
    expect(completeAttributes('ExpandDims', { attributes: [], inputs })).toEqual([
      type('T', DATA_TYPES.float32),
      type('Tdim', DATA_TYPES.int32),
    ]);
  });

  it('adds none that are there, and none to other operations', () => {
    const attributes = [type('T', DATA_TYPES.int32), type('Tdim', DATA_TYPES.int32)];
    expect(completeAttributes('ExpandDims', { attributes, inputs })).toEqual(attributes);
    expect(completeAttributes('Add', { attributes: [], inputs })).toEqual([]);
  });
});
